/** Who is let in: by which name, from which page, with which token. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type OpenHost, openHost, TOKEN } from './open-host.ts';

/** One of each kind that the host serves. */
const PATHS = [
  '/',
  '/datasets/1/browse',
  '/api/v1/projects',
  '/api/v1/events',
  '/api/v1/openapi.json',
  '/api/v1/docs',
  `/media/thumb/${'a'.repeat(64)}`,
  `/media/image/${'a'.repeat(64)}`,
  '/assets/app.js',
  '/health/detailed',
  '/nothing/of/ours',
];

let host: OpenHost;

before(async () => {
  host = await openHost();
});

after(() => host?.close());

test('without the token nothing is told but that the host is there', async () => {
  for (const path of PATHS) {
    for (const headers of [
      {},
      { authorization: 'Bearer wrong' },
      { authorization: TOKEN },
      { authorization: `Basic ${TOKEN}` },
      { authorization: `Bearer ${TOKEN}x` },
      { cookie: `pixcrawler-${host.port}=${TOKEN}` },
      { cookie: `pixcrawler-${host.port}=99999999999999.AAAA` },
    ]) {
      const answer = await host.ask(path, { as: 'stranger', headers });
      assert.equal(answer.status, 401, `${path} ${JSON.stringify(headers)}`);
      assert.deepEqual(Object.keys(answer.json as object), ['code', 'message', 'details']);
      assert.ok(!answer.text.includes(TOKEN));
    }
  }
  const health = await host.ask('/health', { as: 'stranger' });
  assert.deepEqual([health.status, health.json], [200, { name: 'pixcrawler', state: 'healthy' }]);
  const changes = await host.ask('/api/v1/projects', { as: 'stranger', method: 'POST', body: '{"name":"mine"}' });
  assert.equal(changes.status, 401);
});

test('a person without a session gets words, and no script may run there', async () => {
  const { status, text, headers } = await host.ask('/', { as: 'stranger', headers: { accept: 'text/html' } });
  assert.equal(status, 401);
  assert.match(text, /npm start/);
  assert.match(String(headers['content-security-policy']), /^default-src 'none'; style-src 'sha256-[^']+'; base-uri/);
});

test('the address with the token gives a cookie and leads to the same place without it', async () => {
  const first = await host.ask(`/datasets/3/browse?status=accepted&token=${TOKEN}&sort=added`, { as: 'stranger' });
  assert.equal(first.status, 303);
  assert.equal(first.headers.location, '/datasets/3/browse?status=accepted&sort=added');
  assert.match(String(first.headers['set-cookie']), /; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+$/);
  assert.ok(!String(first.headers['set-cookie']).includes(TOKEN), 'the cookie is not the token');
  const [cookie = ''] = String(first.headers['set-cookie']).split(';');
  const headers = { cookie: `other=1; ${cookie}` };
  assert.equal((await host.ask('/api/v1/projects', { as: 'stranger', headers })).status, 200);
  assert.equal(
    (await host.ask('/api/v1/projects', { as: 'stranger', headers: { cookie: `${cookie}x` } })).status,
    401,
    'a cookie that was changed',
  );
  assert.equal((await host.ask('/?token=wrong', { as: 'stranger' })).status, 401);
  assert.equal((await host.ask(`/?token=${TOKEN}`, { as: 'stranger', method: 'POST' })).status, 401, 'only by opening');
});

test('the address with the token never leads to another host', async () => {
  for (const path of ['//evil.example/', '/\\evil.example/', '//', '/\\/\\evil.example', '///evil.example//x']) {
    const { status, headers } = await host.ask(`${path}?token=${TOKEN}`, { as: 'stranger' });
    if (status !== 303) continue;
    assert.match(String(headers.location), /^\/(?![/\\])/, path);
    assert.equal(new URL(String(headers.location), host.origin).origin, host.origin);
  }
});

test('a name that is not this machine is refused everywhere, whoever asks', async () => {
  const { port } = host;
  for (const path of [...PATHS, '/health', `/?token=${TOKEN}`]) {
    for (const name of [
      'evil.example',
      `evil.example:${port}`,
      `127.0.0.1.evil.example:${port}`,
      `localhost.evil.example:${port}`,
      `127.0.0.1:${port + 1}`,
      '127.0.0.1',
      `127.0.0.1:${port}@evil.example`,
      `evil.example#127.0.0.1:${port}`,
      `192.168.1.5:${port}`,
      'null',
    ]) {
      const { status, text } = await host.ask(path, { headers: { host: name } });
      assert.equal(status, 403, `${path} ${name}`);
      assert.match(text, /Host header/);
    }
  }
  for (const name of [`127.0.0.1:${port}`, `localhost:${port}`, `LOCALHOST:${port}`, `[::1]:${port}`]) {
    assert.equal((await host.ask('/api/v1/projects', { headers: { host: name } })).status, 200, name);
  }
});

test('pages of other sites, and of other ports of this machine, are refused with cookie and all', async () => {
  const { port, origin } = host;
  const foreign: Record<string, string>[] = [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: `http://127.0.0.1:${port + 1}` },
    { origin: `http://localhost:${port}` },
    { origin: `${origin}.evil.example` },
    { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' },
    { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' },
  ];
  for (const headers of foreign) {
    for (const path of PATHS) assert.equal((await host.ask(path, { headers })).status, 403, JSON.stringify(headers));
    const posted = await host.ask('/api/v1/projects', { method: 'POST', headers, body: '{"name":"theirs"}' });
    assert.equal(posted.status, 403);
    assert.equal((await host.ask('/uploads', { method: 'POST', headers })).status, 403);
  }
  assert.equal((await host.ask('/api/v1/projects', { headers: { origin } })).status, 200);
  const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', accept: 'text/html' };
  assert.equal((await host.ask('/', { headers: link })).status, 503, 'a link may lead here');
  assert.deepEqual(
    (await host.client.projects.list()).map(({ name }) => name).filter((name) => name === 'theirs'),
    [],
  );
});

test('every answer carries the headers that keep a browser safe', async () => {
  for (const [path, as] of [
    ['/api/v1/projects', 'program'],
    ['/', 'program'],
    ['/nothing', 'program'],
    ['/health', 'stranger'],
    ['/api/v1/projects', 'stranger'],
    ['/%zz', 'program'],
  ] as const) {
    const { headers } = await host.ask(path, { as });
    assert.match(String(headers['content-security-policy']), /^default-src 'none'; .*frame-ancestors 'none'$/, path);
    assert.equal(headers['x-content-type-options'], 'nosniff', path);
    assert.equal(headers['cross-origin-opener-policy'], 'same-origin', path);
    assert.equal(headers['cross-origin-resource-policy'], 'same-origin', path);
    assert.equal(headers['referrer-policy'], 'no-referrer', path);
    assert.equal(headers['access-control-allow-origin'], undefined, path);
    assert.equal(headers['cache-control'], 'no-store', path);
  }
  const policy = String((await host.ask('/api/v1/docs')).headers['content-security-policy']);
  assert.match(policy, /script-src 'self'; style-src 'self';/);
  assert.doesNotMatch(policy, /unsafe|\*|https?:/);
});

test('the log tells nothing of the token', async () => {
  await host.ask(`/?token=${TOKEN}`, { as: 'stranger' });
  await host.ask(`//?token=${TOKEN}x`, { as: 'stranger' });
  const log = await readFile(join(host.dataDirectory, 'logs', 'core.log'), 'utf8').catch(() => '');
  assert.ok(!log.includes(TOKEN));
});
