/** One contract, whichever way it is asked: in process, over HTTP and through a port give the same answers and errors. */

import assert from 'node:assert/strict';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { MessageChannel, type MessagePort as NodePort } from 'node:worker_threads';
import fc from 'fast-check';
import type { CoreClient } from '../../core/index.ts';
import { createHttpClient } from '../../sdk/client.ts';
import { createPortClient } from '../../sdk/port-client.ts';
import type { StagingState } from '../../shared/contract/drags.ts';
import type { CoreEvent } from '../../shared/contract/events.ts';
import { contract } from '../../shared/contract/index.ts';
import type { Job } from '../../shared/contract/jobs.ts';
import { AppError } from '../../shared/errors.ts';
import { type OpenHost, openHost, TOKEN } from '../server/open-host.ts';
import { draw, encode } from '../web/draw.ts';

interface Line {
  readonly client: CoreClient;
  close(): void;
}
type Transport = (host: OpenHost) => Line | Promise<Line>;
type Call = (input: unknown, options?: { signal?: AbortSignal }) => Promise<unknown>;

/** What the others are held to. */
const inProcess: Transport = ({ core }) => ({ client: core.client, close: () => undefined });

const TRANSPORTS: Readonly<Record<string, Transport>> = {
  'in process': inProcess,
  'over HTTP': ({ origin }) => ({
    client: createHttpClient({ baseUrl: origin, token: TOKEN }),
    close: () => undefined,
  }),
  'through a port': async (host) => {
    const { client, connect, disconnect } = createPortClient();
    const port = await openPort(host);
    connect(port);
    return {
      client,
      close: () => {
        disconnect();
        port.close();
      },
    };
  },
};

let host: OpenHost;
let datasetId: number;
let finished: Job;

async function openPort({ core }: OpenHost): Promise<NodePort> {
  const { port1, port2 } = new MessageChannel();
  await core.answerPort(port1 as unknown as MessagePort);
  port2.start();
  return port2;
}

before(async () => {
  host = await openHost();
  const { client } = host.core;
  const folder = join(host.root, 'pictures');
  for (const label of ['cat', 'dog']) {
    await mkdir(join(folder, label), { recursive: true });
    for (let index = 0; index < 3; index++) {
      const { bytes } = await encode(draw(label.length * 100 + index + label.charCodeAt(0), 300, 220), 'jpeg');
      await writeFile(join(folder, label, `${index}.jpg`), bytes);
    }
  }
  await writeFile(join(folder, 'cat', 'broken.jpg'), 'no image at all');
  datasetId = (await client.datasets.create({ name: 'animals' })).id;
  finished = await client.imports.start({ datasetId, paths: [folder], labelsFrom: 'folders' });
  while (!['completed', 'completed-with-errors', 'failed', 'cancelled'].includes(finished.state)) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    finished = await client.jobs.get({ id: finished.id });
  }
});

after(() => host?.close());

/** What a call comes to, with what differs from one moment to the next left out. */
async function outcome(client: CoreClient, path: string, input: unknown): Promise<unknown> {
  const [feature = '', name = ''] = path.split('.');
  const calls = client as unknown as Record<string, Record<string, Call>>;
  try {
    const value = await calls[feature]?.[name]?.(input);
    const isStream = typeof (value as AsyncIterator<unknown> | undefined)?.next === 'function';
    if (isStream) await (value as AsyncIterator<unknown>).return?.();
    return { value: isStream ? 'a stream' : steady(value) };
  } catch (error) {
    assert.ok(error instanceof AppError, `${path} ${JSON.stringify(input)}: ${error}`);
    const { code, message, details } = error;
    return { code, message, details };
  }
}

/** What came is named in what was wrong with it, and in an address everything comes as text. */
function comparable(seen: unknown, words: string): unknown {
  const { code } = seen as { readonly code?: string };
  return words === 'over HTTP' && code === 'bad-request' ? { code } : seen;
}

function steady(value: unknown): unknown {
  const moving = ['freeBytes', 'databaseBytes', 'thumbnailBytes'];
  const isMoving = (key: string, each: unknown) =>
    moving.includes(key) || (key === 'message' && typeof each === 'string' && / are free\.$/.test(each));
  return JSON.parse(JSON.stringify(value ?? null, (key, each: unknown) => (isMoving(key, each) ? null : each)));
}

const PATHS = new Map(
  Object.entries(contract).flatMap(([feature, procedures]) =>
    Object.entries(procedures).map(
      ([name, procedure]) => [`${feature}.${name}`, procedure['~orpc'].route.path ?? ''] as const,
    ),
  ),
);

/** Refuses no names and no ids that nothing has. */
const ALWAYS_DONE = ['projects.create', 'doctor.run'];
/** Changes something, or takes long: called with what is refused alone. */
const CHANGING = /\.(create|remove|trash|restore|rename|move|duplicate|set|unset|start|trial|run|addLabels)$/;
const INPUTS = {
  nothing: {},
  unknown: {
    id: 987_654,
    datasetId: 987_654,
    projectId: 987_654,
    labelId: 1,
    sampleId: 987_654,
    name: 'no such thing',
  },
  wrong: { id: -1, datasetId: 'x', name: 'x'.repeat(101), limit: 0, paths: [], sources: [], decision: 7 },
};

for (const [words, open] of Object.entries(TRANSPORTS)) {
  describe(words, { timeout: 60_000 }, () => {
    let line: Line;
    let client: CoreClient;
    before(async () => {
      line = await open(host);
      ({ client } = line);
    });
    after(() => line?.close());

    test('every procedure answers, or fails, as in process', async () => {
      assert.ok(PATHS.size >= 60);
      for (const [path, address] of PATHS) {
        for (const [kind, input] of Object.entries(INPUTS)) {
          // Without what belongs into it there is no address to ask.
          if (kind === 'nothing' && (CHANGING.test(path) || address.includes('{'))) continue;
          if (kind === 'unknown' && ALWAYS_DONE.includes(path)) continue;
          const [expected, seen] = [
            await outcome(host.core.client, path, input),
            await outcome(client, path, input),
          ].map((each) => comparable(each, words));
          assert.deepEqual(seen, expected, `${path} ${JSON.stringify(input)}`);
        }
      }
    });

    test('what there is reads as in process, with numbers, lists and choices in the address too', async () => {
      const { items } = await client.samples.list({ datasetId });
      assert.ok(items.length > 0);
      const sampleId = items[0]?.id ?? 0;
      for (const [path, input] of [
        ['datasets.get', { id: datasetId }],
        ['datasets.list', {}],
        ['datasets.overview', {}],
        ['datasets.resolve', { name: 'animals' }],
        ['datasets.resolve', { name: '#1' }],
        ['datasets.stats', { id: datasetId }],
        ['samples.list', { datasetId, limit: 2, after: 1 }],
        ['samples.list', { datasetId, status: 'accepted', label: 'cat' }],
        ['samples.count', { datasetId }],
        ['samples.get', { id: sampleId }],
        ['samples.details', { id: sampleId }],
        ['samples.browse', { filter: { datasetId, statuses: ['accepted'], labels: ['cat', 'dog'] }, limit: 4 }],
        ['samples.facets', { filter: { datasetId, text: 'cat' } }],
        ['samples.index', { filter: { datasetId }, sort: { by: 'name', direction: 'descending' } }],
        ['samples.histogram', { filter: { datasetId }, measure: 'sharpness' }],
        ['jobs.list', { states: ['completed', 'completed-with-errors'], limit: 10 }],
        ['jobs.list', { states: ['paused'] }],
        ['jobs.holds', undefined],
        ['jobs.get', { id: finished.id }],
        ['jobs.log', { id: finished.id, limit: 1 }],
        ['jobs.failures', { id: finished.id, state: 'failed' }],
        ['jobs.coverage', { id: finished.id }],
        ['decisions.state', { datasetId }],
        ['decisions.list', { datasetId }],
        ['settings.list', {}],
        ['settings.get', { name: 'crawl.delayMs' }],
        ['sources.list', {}],
        ['rules.get', {}],
        ['library.info', {}],
        ['library.storage', {}],
        ['files.list', { path: host.root }],
      ] as const) {
        const expected = await outcome(host.core.client, path, input);
        assert.ok(!('code' in (expected as object)), `${path}: ${JSON.stringify(expected)}`);
        assert.deepEqual(await outcome(client, path, input), expected, `${path} ${JSON.stringify(input)}`);
      }
    });

    test('names with anything in them arrive as they were written', async () => {
      for (const name of ['ä/ö?ü&#%25 +=', '日本 語', '../..', 'a\\b"c\'d', '1', 'true', 'null', '[]', '__proto__']) {
        const dataset = await client.datasets.create({ name });
        assert.equal(dataset.name, name);
        assert.equal((await client.datasets.resolve({ name })).id, dataset.id, name);
        await client.datasets.remove({ id: dataset.id });
      }
      await client.settings.set({ name: 'crawl.contact', value: 'mailto:a+b@example.org?x=1' });
      assert.equal((await client.settings.get({ name: 'crawl.contact' })).value, 'mailto:a+b@example.org?x=1');
      await client.settings.unset({ name: 'crawl.contact' });
    });

    test('errors are those of the table, with words and details', async () => {
      const expected = (await outcome(host.core.client, 'jobs.get', { id: 987_654 })) as { readonly message: string };
      await assert.rejects(client.jobs.get({ id: 987_654 }), (error: unknown) => {
        assert.ok(error instanceof AppError);
        assert.deepEqual([error.code, error.status, error.message], ['not-found', 404, expected.message]);
        return true;
      });
      await assert.rejects(client.datasets.create({ name: 'animals' }), { code: 'conflict' });
      await assert.rejects(client.settings.set({ name: 'crawl.timeoutMs', value: 'soon' }), { code: 'bad-request' });
      // An empty name is not the list of all names.
      await assert.rejects(client.settings.get({ name: '' }), { code: 'not-found' });
      await assert.rejects(client.rules.set({ rules: { minimum: 3 } }), (error: unknown) => {
        assert.ok(error instanceof AppError && Array.isArray(error.details.problems), String(error));
        assert.match(String(error.details.problems[0]), /minimum/);
        return true;
      });
      const refused = client.datasets.create({ name: 'x'.repeat(101) });
      await assert.rejects(refused, (error: unknown) => {
        assert.ok(error instanceof AppError && error.code === 'bad-request', String(error));
        assert.match(error.message, /name/);
        return true;
      });
    });

    test('events come from the first after the call on, and end with their signal', async () => {
      const listening = new AbortController();
      const events = await client.events.watch({}, { signal: listening.signal });
      const project = await client.projects.create({ name: `heard ${words}` });
      const types: CoreEvent['type'][] = [];
      for await (const event of events) {
        types.push(event.type);
        if (event.type === 'project.changed' && event.projectId === project.id) break;
      }
      assert.deepEqual(types, ['project.changed']);
      listening.abort();

      const again = new AbortController();
      const later = await client.events.watch({}, { signal: again.signal });
      setTimeout(() => again.abort(), 50);
      // Whatever comes until then, the end is a quiet one.
      for await (const { eventId } of later) assert.ok(eventId > 0);
    });

    test('whoever comes back after an event misses none', async () => {
      const listening = new AbortController();
      const events = await client.events.watch({}, { signal: listening.signal });
      const first = await client.projects.create({ name: `one ${words}` });
      const seen = (await events.next()).value as CoreEvent;
      listening.abort();
      const second = await client.projects.create({ name: `two ${words}` });
      const again = new AbortController();
      const later = await client.events.watch({ afterEventId: seen.eventId }, { signal: again.signal });
      const missed: number[] = [];
      for await (const event of later) {
        if (event.type === 'project.changed') missed.push(event.projectId);
        if (missed.includes(second.id)) break;
      }
      again.abort();
      assert.ok(!missed.includes(first.id));
    });

    test('a call that is given up ends with cancelled, and a stream may be left', async () => {
      await assert.rejects(client.projects.list(undefined, { signal: AbortSignal.abort() }), { code: 'cancelled' });
      const events = await client.events.watch({});
      await events.return?.();
      assert.equal((await events.next()).done, true);
    });

    test('what is dragged is staged, and what cannot be is told', async () => {
      for (const layout of ['files', 'zip'] as const) {
        let last: StagingState | undefined;
        for await (const state of await client.drags.stage({ kind: 'dataset', datasetId, layout })) last = state;
        assert.ok(last?.state === 'ready' && last.paths.length === 1, JSON.stringify(last));
        assert.ok((await stat(last.paths[0] as string)).size > 0);
      }
      await assert.rejects(client.drags.stage({ kind: 'export', jobId: 987_654 }), { code: 'not-found' });
      const left = await client.drags.stage({ kind: 'dataset', datasetId, layout: 'jsonl' });
      await left.return?.();
    });

    test('holds are set, told as an event, and taken back', async () => {
      const listening = new AbortController();
      const events = await client.events.watch({}, { signal: listening.signal });
      assert.deepEqual(await client.jobs.setHolds({ holds: ['suspend', 'battery'] }), ['battery', 'suspend']);
      assert.deepEqual(await client.jobs.holds(), ['battery', 'suspend']);
      for await (const event of events) {
        if (event.type !== 'holds.changed') continue;
        assert.deepEqual(event.holds, ['battery', 'suspend']);
        break;
      }
      listening.abort();
      // The disk is not a host's to speak for.
      const stranger = client.jobs.setHolds({ holds: ['disk' as 'battery'] });
      await assert.rejects(stranger, { code: 'bad-request' });
      assert.deepEqual(await client.jobs.setHolds({ holds: [] }), []);
    });

    test('many calls at once each get their own answer', async () => {
      const names = Array.from({ length: 40 }, (_, index) => `${words} ${index}`);
      const made = await Promise.all(names.map((name) => client.datasets.create({ name })));
      assert.deepEqual(
        made.map(({ name }) => name),
        names,
      );
      await Promise.all(made.map(({ id }) => client.datasets.remove({ id })));
    });
  });
}

/** A message as a client's own, but for what a stranger made of its parts. */
const almostCalls = fc.oneof(
  fc.anything({ withMap: true, withTypedArray: true, withDate: true, withBigInt: true }),
  fc.string(),
  fc.json(),
  fc
    .record({ i: fc.anything(), t: fc.anything(), p: fc.anything() }, { requiredKeys: [] })
    .map((each) => stringify(each)),
  fc
    .record({
      i: fc.string(),
      t: fc.constantFrom(undefined, 1, 2, 3, 4, 5),
      p: fc.record({
        u: fc.oneof(
          fc.string(),
          fc.constantFrom('/datasets/list', '/datasets/list?data=x', '//', '/\\ud800', '/__proto__'),
        ),
        b: fc.oneof(fc.jsonValue(), fc.record({ json: fc.jsonValue(), meta: fc.jsonValue() })),
        h: fc.oneof(fc.jsonValue(), fc.dictionary(fc.constantFrom('content-type', 'x'), fc.string())),
        m: fc.oneof(fc.jsonValue(), fc.constantFrom('GET', 'POST')),
      }),
    })
    .map((each) => stringify(each)),
);

function stringify(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) => (typeof each === 'bigint' ? String(each) : each));
}

test('a port that is sent what is no call is closed, and the core lives', { timeout: 60_000 }, async () => {
  const huge = 'x'.repeat(1024 * 1024);
  for (const message of [
    0,
    null,
    undefined,
    '',
    'no call',
    huge,
    '{"i":',
    '[]',
    {},
    [],
    new Uint8Array(64),
    new Map(),
  ]) {
    const port = await openPort(host);
    const closed = new Promise((resolve) => port.once('close', resolve));
    port.postMessage(message);
    await closed;
  }
  await fc.assert(
    fc.asyncProperty(almostCalls, async (message) => {
      const port = await openPort(host);
      const answered = new Promise((resolve) => {
        port.once('close', resolve);
        port.once('message', resolve);
      });
      try {
        port.postMessage(message);
      } catch {
        // It cannot be copied, so nobody can send it.
        port.close();
      }
      // What is to end a call that there is none of is rightly not answered.
      port.postMessage(JSON.stringify({ i: 'last', p: { u: '/datasets/list', b: { json: {} } } }));
      await answered;
      port.close();
    }),
    { numRuns: 500 },
  );
  assert.ok((await host.core.client.datasets.list({})).length > 0);
});

test('a port whose other end is gone is forgotten with its streams', { timeout: 30_000 }, async () => {
  const { client, connect, disconnect } = createPortClient();
  const port = await openPort(host);
  connect(port);
  const events = await client.events.watch({});
  const next = events.next();
  const told = assert.rejects(next, { code: 'unavailable' });
  port.close();
  disconnect();
  await told;
  await assert.rejects(client.datasets.list({}), { code: 'unavailable' }, 'no port comes in time');
  const another = await openPort(host);
  connect(another);
  assert.ok((await client.datasets.list({})).length > 0);
  another.close();
});

test('a core that closes closes its ports first', { timeout: 30_000 }, async () => {
  const other = await openHost();
  const port = await openPort(other);
  const closed = new Promise((resolve) => port.once('close', resolve));
  await other.close();
  await closed;
});
