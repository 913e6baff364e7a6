/** What the REST API has of its own: statuses, its document, and how a host looks that is away. What it answers is in `tests/contract`. */

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { createHttpClient } from '../../sdk/client.ts';
import type { CoreEvent } from '../../shared/contract/events.ts';
import { contract } from '../../shared/contract/index.ts';
import { AppError, ERROR_STATUS } from '../../shared/errors.ts';
import { type OpenHost, openHost, TOKEN } from './open-host.ts';

const PROCEDURES = Object.entries(contract).flatMap(([feature, procedures]) =>
  Object.keys(procedures).map((name) => `${feature}.${name}`),
);

let host: OpenHost;
before(async () => {
  host = await openHost();
});
after(() => host?.close());

test('errors have the status of the table, and no more in them than code, words and details', async () => {
  const answer = await host.ask('/api/v1/datasets/987654');
  assert.equal(answer.status, ERROR_STATUS['not-found']);
  assert.deepEqual(Object.keys(answer.json as object), ['code', 'message', 'details']);
  await host.client.datasets.create({ name: 'animals' });
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

test("a browser's own EventSource that comes back misses no event", { timeout: 10_000 }, async () => {
  const { client } = host;
  const listening = new AbortController();
  const events = await client.events.watch({}, { signal: listening.signal });
  await client.projects.create({ name: 'one' });
  const seen = (await events.next()).value as CoreEvent;
  listening.abort();
  const second = await client.projects.create({ name: 'two' });
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
