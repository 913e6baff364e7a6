/** Requests that no well-behaved client makes: broken, endless, slow, or leading out of where they belong. */

import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectRaw, type OpenHost, openHost, TOKEN } from './open-host.ts';

const LIMITS = { headersMs: 800, bodyMs: 1_000, idleMs: 1_200 };
/** The host looks for slow connections now and then, and this machine is busy. */
const SLACK_MS = 4_000;

let host: OpenHost;

before(async () => {
  host = await openHost({ limits: LIMITS });
});

after(() => host?.close());

const head = (line: string, headers: Record<string, string> = {}) =>
  [
    line,
    ...Object.entries({
      host: `127.0.0.1:${host.port}`,
      authorization: `Bearer ${TOKEN}`,
      ...headers,
    }).map(([name, value]) => `${name}: ${value}`),
    '\r\n',
  ].join('\r\n');

/** What a connection gets for these bytes. */
async function raw(text: string): Promise<string> {
  const connection = connectRaw(host.port);
  connection.socket.write(text);
  await connection.ended;
  return connection.text();
}

test('what is no HTTP, or names no host, is answered in one shape and the connection ends', async () => {
  for (const [text, status] of [
    ['nonsense\r\n\r\n', 400],
    ['GET / HTTP/1.1\r\n\r\n', 400],
    ['\0\0\0\0\r\n\r\n', 400],
    [head('GET / HTTP/9.9'), 400],
    [head('GET / HTTP/1.1', { 'content-length': 'x' }), 400],
    [head('POST /api/v1/projects HTTP/1.1', { 'content-length': '5', 'transfer-encoding': 'chunked' }), 400],
    [head(`GET /${'a'.repeat(20_000)} HTTP/1.1`), 431],
    [head('GET / HTTP/1.1', { 'x-long': 'a'.repeat(20_000) }), 431],
    [`GET / HTTP/1.1\r\n${'a: b\r\n'.repeat(10_000)}\r\n`, 431],
  ] as const) {
    const answer = await raw(text);
    assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `), JSON.stringify(text.slice(0, 60)));
    assert.ok(!answer.includes(TOKEN));
  }
  assert.match(await raw('GET / HTTP/1.0\r\n\r\n'), /^HTTP\/1.1 403 /, 'HTTP/1.0 needs no Host, and gets nothing');
  const overflow = await raw(head(`GET /${'a'.repeat(20_000)} HTTP/1.1`));
  assert.deepEqual(Object.keys(JSON.parse(overflow.split('\r\n\r\n')[1] ?? '')), ['code', 'message', 'details']);
});

test('a connection that sends its headers drop by drop, or nothing at all, ends in time', async () => {
  const slow = connectRaw(host.port);
  const silent = connectRaw(host.port);
  slow.socket.write('GET / HTTP/1.1\r\n');
  const drip = setInterval(() => slow.socket.write('x-a: b\r\n'), 100);
  const [slowMs, silentMs] = await Promise.all([slow.ended, silent.ended]);
  clearInterval(drip);
  assert.ok(slowMs < LIMITS.headersMs + SLACK_MS, `${slowMs} ms`);
  assert.ok(silentMs < LIMITS.idleMs + SLACK_MS, `${silentMs} ms`);
});

test('a body that comes drop by drop ends in time, and files that are sent have longer', async () => {
  const body = connectRaw(host.port);
  body.socket.write(
    head('POST /api/v1/projects HTTP/1.1', { 'content-type': 'application/json', 'content-length': '1000' }),
  );
  const drip = setInterval(() => body.socket.write('{'), 100);
  const bodyMs = await body.ended;
  clearInterval(drip);
  assert.ok(bodyMs >= LIMITS.bodyMs - 50 && bodyMs < LIMITS.bodyMs + SLACK_MS, `${bodyMs} ms`);

  const begun = await host.ask('/uploads', { method: 'POST' });
  const { batchId } = begun.json as { batchId: string };
  const file = connectRaw(host.port);
  file.socket.write(head(`PUT /uploads/${batchId}/a.txt HTTP/1.1`, { 'content-length': '20', connection: 'close' }));
  for (let count = 0; count < 20; count++) {
    await sleep(100);
    file.socket.write('x');
  }
  await file.ended;
  assert.match(file.text(), /^HTTP\/1.1 200 [\s\S]*\{"sizeBytes":20,/);

  const stalled = connectRaw(host.port);
  stalled.socket.write(head(`PUT /uploads/${batchId}/b.txt HTTP/1.1`, { 'content-length': '20' }));
  const stalledMs = await stalled.ended;
  assert.ok(stalledMs < LIMITS.idleMs + SLACK_MS, `${stalledMs} ms`);
});

test('a stranger cannot keep a connection by sending on', async () => {
  const stranger = connectRaw(host.port);
  stranger.socket.write(
    head('POST /api/v1/projects HTTP/1.1', { authorization: 'Bearer wrong', 'content-length': '1000000000' }),
  );
  const drip = setInterval(() => stranger.socket.write('x'.repeat(1000)), 20);
  const endedMs = await stranger.ended;
  clearInterval(drip);
  assert.match(stranger.text(), /^HTTP\/1.1 401 /);
  assert.ok(endedMs < LIMITS.bodyMs + SLACK_MS, `${endedMs} ms`);
});

test('an answer that takes longer than an idle connection may is waited for', async () => {
  const events = connectRaw(host.port);
  events.socket.write(head('GET /api/v1/events HTTP/1.1'));
  await sleep(LIMITS.idleMs * 2);
  assert.ok(!events.socket.destroyed, 'an event stream without events');
  await host.client.projects.create({ name: 'heard' });
  for (let waits = 0; !events.text().includes('project.changed') && waits < 100; waits++) await sleep(20);
  assert.match(events.text(), /project\.changed/);
  events.socket.destroy();
});

test('bodies that are too large, no JSON, or of another type are refused in words', async () => {
  const post = (body: string, type = 'application/json') =>
    host.ask('/api/v1/projects', { method: 'POST', body, headers: { 'content-type': type } });
  for (const [answer, status, code] of [
    [await post('{'), 400, 'bad-request'],
    [await post('"x"'), 400, 'bad-request'],
    [await post('{"name":1}'), 400, 'bad-request'],
    [await post('{"__proto__":{"a":1},"name":"x"}'), 400, 'bad-request'],
    [await post('<a/>', 'text/xml'), 415, 'unsupported-media-type'],
    [await post('{"name":"x"}', 'text/plain'), 415, 'unsupported-media-type'],
    [await post(`{"name":"${'x'.repeat(17 * 1024 * 1024)}"}`), 413, 'payload-too-large'],
  ] as const) {
    assert.equal(answer.status, status, answer.text);
    const error = answer.json as { code: string; message: string };
    assert.equal(error.code, code);
    assert.notEqual(error.message, '');
  }
});

test('no path leads out of what is served', async () => {
  await mkdir(join(host.interfacePath, 'assets'), { recursive: true });
  await writeFile(join(host.interfacePath, 'assets', 'app.js'), 'here');
  await writeFile(join(host.root, 'secret.txt'), 'out of bounds');
  await writeFile(join(host.interfacePath, 'secret.txt'), 'out of bounds');
  for (const base of ['/assets/', '/media/image/', '/media/thumb/', '/', '/api/v1/docs/']) {
    for (const up of [
      '../secret.txt',
      '../../secret.txt',
      '%2e%2e/secret.txt',
      '%2e%2e%2fsecret.txt',
      '..%2f..%2fsecret.txt',
      '..%5csecret.txt',
      '..\\secret.txt',
      '%252e%252e/secret.txt',
      './/..//secret.txt',
      'x/../../secret.txt',
      '%00/../secret.txt',
      'secret.txt%00.js',
      '....//secret.txt',
      '%c0%ae%c0%ae/secret.txt',
      '/etc/passwd',
      '../data/owner.json',
      '../data/session-key',
    ]) {
      const { status, text } = await host.ask(base + up);
      assert.ok([400, 403, 404].includes(status), `${base}${up}: ${status} ${text.slice(0, 80)}`);
      assert.doesNotMatch(text, /out of bounds|root:|"token"/);
    }
  }
  assert.equal((await host.ask('/assets/app.js')).text, 'here');

  const { batchId } = (await host.ask('/uploads', { method: 'POST' })).json as { batchId: string };
  for (const path of ['../a.txt', '..%2fa.txt', '%2e%2e/%2e%2e/a.txt', '/a.txt', 'x/../../a.txt', 'a%00.txt', '']) {
    const { status } = await host.ask(`/uploads/${batchId}/${path}`, { method: 'PUT', body: 'x' });
    assert.ok(status === 400 || status === 200 || status === 404, `${path}: ${status}`);
  }
  const { client } = host;
  const entries = (await client.files.list({ path: join(host.dataDirectory, 'uploads') })).entries.map(
    ({ name }) => name,
  );
  assert.ok(
    entries.every((name) => /^[0-9a-f-]{36}$/.test(name)),
    entries.join(),
  );
});
