/** One contract, whichever way it is asked: in process and over HTTP give the same answers and the same errors. */

import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createHttpClient } from '../../sdk/client.ts';
import type { CoreEvent } from '../../shared/contract/events.ts';
import { contract } from '../../shared/contract/index.ts';
import type { Job } from '../../shared/contract/jobs.ts';
import { AppError, ERROR_STATUS } from '../../shared/errors.ts';
import { draw, encode } from '../web/draw.ts';
import { type OpenHost, openHost, TOKEN } from './open-host.ts';

type Call = (input: unknown, options?: { signal?: AbortSignal }) => Promise<unknown>;
type Clients = Readonly<Record<'inProcess' | 'http', Record<string, Record<string, Call>>>>;

let host: OpenHost;
let clients: Clients;
let datasetId: number;
let finished: Job;

before(async () => {
  host = await openHost();
  clients = { inProcess: host.core.client, http: host.client } as unknown as Clients;
  const folder = join(host.root, 'pictures');
  for (const label of ['cat', 'dog']) {
    await mkdir(join(folder, label), { recursive: true });
    for (let index = 0; index < 3; index++) {
      const { bytes } = await encode(draw(label.length * 100 + index + label.charCodeAt(0), 300, 220), 'jpeg');
      await writeFile(join(folder, label, `${index}.jpg`), bytes);
    }
  }
  await writeFile(join(folder, 'cat', 'broken.jpg'), 'no image at all');
  datasetId = (await host.client.datasets.create({ name: 'animals' })).id;
  finished = await ended(await host.client.imports.start({ datasetId, paths: [folder], labelsFrom: 'folders' }));
});

after(() => host?.close());

async function ended(started: Job): Promise<Job> {
  let job = started;
  while (!['completed', 'completed-with-errors', 'failed', 'cancelled', 'paused'].includes(job.state)) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    job = await host.core.client.jobs.get({ id: job.id });
  }
  return job;
}

/** What a call comes to, with what differs from one moment to the next left out. */
async function outcome(client: keyof Clients, path: string, input: unknown): Promise<unknown> {
  const [feature = '', name = ''] = path.split('.');
  try {
    const value = await clients[client][feature]?.[name]?.(input);
    const isStream = typeof (value as AsyncIterator<unknown> | undefined)?.next === 'function';
    if (isStream) await (value as AsyncIterator<unknown>).return?.();
    return { value: isStream ? 'a stream' : steady(value) };
  } catch (error) {
    const { code, message, data } = error as AppError & { data?: { details?: unknown } };
    // What came is named, and in an address everything comes as text.
    if (code === 'bad-request') return { code };
    return { code, message, details: error instanceof AppError ? error.details : data?.details };
  }
}

function steady(value: unknown): unknown {
  const moving = ['freeBytes', 'databaseBytes', 'thumbnailBytes'];
  return JSON.parse(JSON.stringify(value, (key, each: unknown) => (moving.includes(key) ? null : each)));
}

const PATHS = new Map(
  Object.entries(contract).flatMap(([feature, procedures]) =>
    Object.entries(procedures).map(
      ([name, procedure]) => [`${feature}.${name}`, procedure['~orpc'].route.path ?? ''] as const,
    ),
  ),
);
const PROCEDURES = [...PATHS.keys()];

/** Refuses no names and no ids that nothing has. */
const ALWAYS_DONE = ['projects.create', 'doctor.run'];
/** Changes something, or takes long: called with what is refused alone. */
const CHANGING = /\.(create|remove|trash|restore|rename|move|duplicate|set|unset|start|trial|run|addLabels)$/;

test('every procedure answers the same, or fails the same, both ways', async () => {
  assert.ok(PROCEDURES.length >= 60);
  const inputs: Record<string, unknown>[] = [
    {},
    { id: 987_654, datasetId: 987_654, projectId: 987_654, labelId: 1, sampleId: 987_654, name: 'no such thing' },
    { id: -1, datasetId: 'x', name: 'x'.repeat(101), limit: 0, paths: [], sources: [], decision: 7 },
  ];
  for (const path of PROCEDURES) {
    for (const input of inputs) {
      // Without what belongs into it there is no address to ask.
      if (input === inputs[0] && (CHANGING.test(path) || PATHS.get(path)?.includes('{') === true)) continue;
      if (input === inputs[1] && ALWAYS_DONE.includes(path)) continue;
      const expected = await outcome('inProcess', path, input);
      const actual = await outcome('http', path, input);
      assert.deepEqual(actual, expected, `${path} ${JSON.stringify(input)}`);
    }
  }
});

test('what there is reads the same both ways, with numbers, lists and choices in the address too', async () => {
  const { items } = await host.core.client.samples.list({ datasetId });
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
    const expected = await outcome('inProcess', path, input);
    assert.ok(!('code' in (expected as object)), `${path}: ${JSON.stringify(expected)}`);
    assert.deepEqual(await outcome('http', path, input), expected, `${path} ${JSON.stringify(input)}`);
  }
});

test('names with anything in them arrive as they were written', async () => {
  const { client } = host;
  for (const name of ['ä/ö?ü&#%25 +=', '日本 語', '../..', 'a\\b"c\'d', '1', 'true', 'null', '[]']) {
    const dataset = await client.datasets.create({ name });
    assert.equal(dataset.name, name);
    assert.equal((await client.datasets.resolve({ name })).id, dataset.id, name);
    await client.datasets.remove({ id: dataset.id });
  }
  await client.settings.set({ name: 'crawl.contact', value: 'mailto:a+b@example.org?x=1' });
  assert.equal((await client.settings.get({ name: 'crawl.contact' })).value, 'mailto:a+b@example.org?x=1');
  await client.settings.unset({ name: 'crawl.contact' });
});

test('errors have code, words and details, and the status of the table', async () => {
  await assert.rejects(host.client.datasets.get({ id: 987_654 }), (error: unknown) => {
    assert.ok(error instanceof AppError);
    assert.deepEqual([error.code, error.status], ['not-found', 404]);
    return true;
  });
  await assert.rejects(host.client.datasets.create({ name: 'animals' }), { code: 'conflict' });
  await assert.rejects(host.client.settings.set({ name: 'crawl.timeoutMs', value: 'soon' }), { code: 'bad-request' });
  // An empty name is not the list of all names.
  await assert.rejects(host.client.settings.get({ name: '' }), { code: 'not-found' });
  const answer = await host.ask('/api/v1/datasets/987654');
  assert.equal(answer.status, ERROR_STATUS['not-found']);
  assert.deepEqual(Object.keys(answer.json as object), ['code', 'message', 'details']);
  const conflict = await host.ask('/api/v1/datasets', {
    method: 'POST',
    body: '{"name":"animals"}',
    headers: { 'content-type': 'application/json' },
  });
  assert.equal(conflict.status, ERROR_STATUS.conflict);
});

test('a host that is away, is none of ours or does not know us is told apart', async () => {
  const stranger = createHttpClient({ baseUrl: host.origin, token: `${TOKEN}x` });
  await assert.rejects(stranger.projects.list(), { code: 'unauthorized', message: /token/ });
  const other = createServer((_request, response) => {
    response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad gateway</h1>');
  });
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  const client = createHttpClient({ baseUrl: `http://127.0.0.1:${port}` });
  await assert.rejects(client.projects.list(), (error: unknown) => {
    assert.ok(error instanceof AppError && error.code === 'unavailable', String(error));
    return true;
  });
  await new Promise((resolve) => other.close(resolve));
  await assert.rejects(client.projects.list(), { code: 'unavailable', message: /cannot be reached/ });
});

test('events come both ways, from the first after the call on, and end with their signal', {
  timeout: 10_000,
}, async () => {
  const heard: CoreEvent['type'][][] = [];
  for (const client of [host.core.client, host.client]) {
    const listening = new AbortController();
    const events = await client.events.watch({}, { signal: listening.signal });
    const project = await host.core.client.projects.create({ name: `heard ${heard.length}` });
    const types: CoreEvent['type'][] = [];
    for await (const event of events) {
      types.push(event.type);
      if (event.type === 'project.changed' && event.projectId === project.id) break;
    }
    heard.push(types);
    listening.abort();
  }
  assert.deepEqual(heard[1], heard[0]);

  const listening = new AbortController();
  const events = await host.client.events.watch({}, { signal: listening.signal });
  const next = events.next();
  setTimeout(() => listening.abort(), 50);
  const end = await next.then(
    ({ done }) => done,
    (error: unknown) => (error as AppError).code,
  );
  assert.equal(end, true, 'as in process');
});

test('whoever comes back after an event misses none', { timeout: 10_000 }, async () => {
  const { client } = host;
  const listening = new AbortController();
  const events = await client.events.watch({}, { signal: listening.signal });
  const first = await client.projects.create({ name: 'one' });
  const seen = (await events.next()).value as CoreEvent;
  listening.abort();
  const second = await client.projects.create({ name: 'two' });
  const again = new AbortController();
  const later = await client.events.watch({ afterEventId: seen.eventId }, { signal: again.signal });
  const missed: number[] = [];
  for await (const event of later) {
    if (event.type === 'project.changed') missed.push(event.projectId);
    if (missed.includes(second.id)) break;
  }
  again.abort();
  assert.ok(!missed.includes(first.id));

  // What a browser's own EventSource sends when it comes back.
  const headers = { 'last-event-id': String(seen.eventId), authorization: `Bearer ${TOKEN}` };
  const raw = await fetch(`${host.origin}/api/v1/events`, { headers });
  const reader = raw.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  while (!text.includes(`"projectId":${second.id}`)) text += (await reader?.read())?.value ?? '';
  await reader?.cancel();
  assert.match(text, /^event: message$/m);
  assert.match(text, /^id: \d+$/m);
  assert.equal(raw.headers.get('content-type'), 'text/event-stream');
});

test('a call that is given up ends with cancelled, and a stream that is left ends at the host', async () => {
  await assert.rejects(host.client.projects.list(undefined, { signal: AbortSignal.abort() }), { code: 'cancelled' });
  const events = await host.client.events.watch({});
  await events.return?.();
});

test('the document tells of every procedure, with its inputs, its answers and its errors', async () => {
  const document = (await host.ask('/api/v1/openapi.json')).json as {
    openapi: string;
    security: unknown[];
    components: { securitySchemes: Record<string, unknown> };
    paths: Record<
      string,
      Record<string, { operationId: string; summary?: string; tags: string[]; responses: Record<string, unknown> }>
    >;
  };
  assert.match(document.openapi, /^3\.1/);
  assert.deepEqual(Object.keys(document.components.securitySchemes), ['token']);
  const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
  assert.deepEqual(operations.map(({ operationId }) => operationId).sort(), [...PROCEDURES].sort());
  for (const { operationId, summary, tags, responses } of operations) {
    assert.match(summary ?? '', /^[A-Z].{9,}\.$/, operationId);
    assert.deepEqual(tags, [operationId.split('.')[0]]);
    for (const status of ['200', ...Object.values(ERROR_STATUS).map(String)]) {
      assert.ok(responses[status] !== undefined, `${operationId} ${status}`);
    }
  }
  for (const [path, type] of [
    ['/api/v1/docs', 'text/html; charset=utf-8'],
    ['/api/v1/docs.js', 'text/javascript'],
    ['/api/v1/docs.css', 'text/css'],
  ] as const) {
    const { status, headers, text } = await host.ask(path);
    assert.equal(status, 200);
    assert.match(String(headers['content-type']), new RegExp(`^${type}`));
    assert.doesNotMatch(text, /https?:\/\/|<style|style=|onclick/, `${path} needs nothing from elsewhere`);
  }
});
