// Draws the OpenAPI document: features, their operations, what they take and give.

const methods = ['get', 'post', 'put', 'patch', 'delete'];

function element(name, properties = {}, children = []) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function schemaBlock(title, schema) {
  if (schema === undefined) return [];
  return [element('h4', { textContent: title }), element('pre', { textContent: JSON.stringify(schema, null, 2) })];
}

function jsonOf(content) {
  return Object.values(content ?? {})[0]?.schema;
}

function operationBlock(path, method, operation) {
  const parameters = (operation.parameters ?? []).map(({ name, in: place, required, schema }) => ({
    name,
    in: place,
    required: required === true,
    schema,
  }));
  const answers = Object.entries(operation.responses ?? {});
  const [, success] = answers.find(([status]) => status.startsWith('2')) ?? [];
  const errors = answers.map(([status]) => status).filter((status) => !status.startsWith('2'));
  return element('details', {}, [
    element('summary', {}, [
      element('span', { className: 'method', textContent: method.toUpperCase() }),
      element('code', { textContent: path }),
      element('span', { textContent: operation.operationId ?? '' }),
    ]),
    element('p', { textContent: operation.summary ?? '' }),
    ...schemaBlock('Parameters', parameters.length > 0 ? parameters : undefined),
    ...schemaBlock('Body', jsonOf(operation.requestBody?.content)),
    ...schemaBlock('Answer', jsonOf(success?.content)),
    element('p', { textContent: `Errors: ${errors.join(', ')}` }),
  ]);
}

async function draw() {
  const target = document.getElementById('operations');
  const answer = await fetch('/api/v1/openapi.json');
  if (!answer.ok) throw new Error(`The document cannot be had: ${answer.status}`);
  const { paths } = await answer.json();
  const byTag = new Map();
  for (const [path, operations] of Object.entries(paths)) {
    for (const method of methods) {
      const operation = operations[method];
      if (operation === undefined) continue;
      const tag = operation.tags?.[0] ?? 'other';
      byTag.set(tag, [...(byTag.get(tag) ?? []), operationBlock(path, method, operation)]);
    }
  }
  target.replaceChildren();
  for (const [tag, blocks] of [...byTag].sort(([a], [b]) => a.localeCompare(b))) {
    document.getElementById('tags').append(element('a', { href: `#${tag}`, textContent: tag }));
    target.append(element('h2', { id: tag, textContent: tag }), ...blocks);
  }
}

draw().catch((error) => {
  document.getElementById('operations').textContent = String(error.message);
});
