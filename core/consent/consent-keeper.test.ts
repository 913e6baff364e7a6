import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { type ConsentKeeper, createConsentKeeper } from './consent-keeper.ts';
import type { ConsentPolicy } from './consent-verdict.ts';
import type { TextOutcome } from './robots-access.ts';
import type { SiteConsentRecord } from './site-record.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const SITE = 'https://example.com';
const CLOSE_ALL = 'User-agent: *\nDisallow: /\n';

function answer(status: number, text = '', headers: Record<string, string> = {}): TextOutcome {
  return { kind: 'response', status, headers, text, url: `${SITE}/robots.txt` };
}

function silence(reason: Extract<TextOutcome, { kind: 'unreachable' }>['reason'], transient = true): TextOutcome {
  return { kind: 'unreachable', detail: String(reason), transient, ...(reason === undefined ? {} : { reason }) };
}

/** A web of one-file answers with a log, a clock that stands still until it is moved, and a store that outlives keepers. */
function world(files: Record<string, TextOutcome> = {}, policy?: ConsentPolicy) {
  const log: { url: string; headers: Readonly<Record<string, string>> }[] = [];
  const stored = new Map<string, string>();
  let nowMs = Date.UTC(2026, 0, 1);
  const keeper = (): ConsentKeeper =>
    createConsentKeeper({
      productToken: 'PixBot',
      now: () => nowMs,
      ...(policy === undefined ? {} : { policy }),
      store: {
        get: (site) => (stored.has(site) ? JSON.parse(stored.get(site) as string) : null),
        put: (site: string, record: SiteConsentRecord) => {
          stored.set(site, JSON.stringify(record));
        },
      },
      fetchText: async (url, options) => {
        log.push({ url, headers: options.headers ?? {} });
        await turn();
        return files[url] ?? files[new URL(url).pathname] ?? answer(404);
      },
    });
  return {
    files,
    log,
    stored,
    keeper,
    now: () => nowMs,
    pass: (ms: number) => {
      nowMs += ms;
    },
    asked: (path: string) => log.filter(({ url }) => new URL(url).pathname === path).length,
  };
}

test('every answer to robots.txt means what the access table says', async () => {
  const open = 'open';
  const closed = 'closed';
  const deferred = 'deferred';
  const table: [name: string, outcome: TextOutcome, means: string][] = [
    ['200 with rules', answer(200, CLOSE_ALL), closed],
    ['200 empty', answer(200), open],
    ['200 HTML page', answer(200, '<!doctype html><title>Hello: world</title>'), open],
    ['200 with a byte order mark', answer(200, `\uFEFF${CLOSE_ALL}`), closed],
    ['200 in UTF-16', answer(200, Buffer.from(`\uFEFF${CLOSE_ALL}`, 'utf16le').toString('utf8')), closed],
    ['200 with NUL bytes', answer(200, CLOSE_ALL.replaceAll('a', 'a\0')), closed],
    ['200 with a wrong type', answer(200, CLOSE_ALL, { 'content-type': 'image/png' }), closed],
    ['203', answer(203, CLOSE_ALL), closed],
    ['204', answer(204), open],
    ['206', answer(206, CLOSE_ALL), closed],
    ['301 without end', answer(301), open],
    ['302 without end', answer(302), open],
    ['304 without a copy', answer(304), open],
    ['307 without end', answer(307), open],
    ['308 without end', answer(308), open],
    ['too many redirects', silence('too-many-redirects', false), open],
    ['a redirect to nowhere', silence('bad-redirect', false), open],
    ...[400, 401, 402, 403, 404, 405, 406, 407, 410, 418, 451].map((status): [string, TextOutcome, string] => [
      String(status),
      answer(status, CLOSE_ALL),
      open,
    ]),
    ['429', answer(429), deferred],
    ['429 with Retry-After', answer(429, '', { 'retry-after': '120' }), deferred],
    ...[500, 501, 502, 503, 504, 520, 599].map((status): [string, TextOutcome, string] => [
      String(status),
      answer(status, 'User-agent: *\nAllow: /\n'),
      deferred,
    ]),
    ['time-out', silence('timeout'), deferred],
    ['reset', silence('connection-reset'), deferred],
    ['refused', silence('connection-refused'), deferred],
    ['a body cut short', silence('truncated-body'), deferred],
    ['SERVFAIL', silence('dns-failure'), deferred],
    ['NXDOMAIN', silence('dns-failure', false), closed],
    ['TLS error', silence('tls-error', false), closed],
    ['an address we refuse', silence('address-refused', false), closed],
  ];
  assert.ok(table.length >= 44, `${table.length} rows`);
  for (const [name, outcome, means] of table) {
    const web = world({ '/robots.txt': outcome });
    const decision = await web.keeper().check(`${SITE}/a.jpg`);
    const came = decision.allowed ? open : decision.retryAtMs === null ? closed : deferred;
    assert.equal(came, means, name);
    // Nothing else is asked of a site that is closed.
    if (means !== open) assert.equal(web.log.length, 1, name);
    if (means === deferred) assert.equal(decision.reason, 'robots-unreachable', name);
  }
});

test('why a site could not be reached is told', async () => {
  const refused = await world({ '/robots.txt': silence('address-refused', false) })
    .keeper()
    .check(`${SITE}/a.jpg`);
  assert.equal(refused.reason, 'address-refused');
  const lost = await world({ '/robots.txt': silence('dns-failure', false) })
    .keeper()
    .check(`${SITE}/a.jpg`);
  assert.deepEqual([lost.reason, lost.failure], ['robots-unreachable', 'dns-failure']);
  const broken = await world({ '/robots.txt': answer(502) })
    .keeper()
    .check(`${SITE}/a.jpg`);
  assert.equal(broken.failure, 'http-502');
});

test('500 checks at once ask a site once, each port and scheme for itself', async () => {
  const web = world();
  const keeper = web.keeper();
  await Promise.all(Array.from({ length: 500 }, (_, index) => keeper.check(`${SITE}/${index}.jpg`)));
  assert.deepEqual([web.asked('/robots.txt'), web.asked('/.well-known/tdmrep.json'), web.asked('/ai.txt')], [1, 1, 1]);
  await keeper.check('http://example.com/a.jpg');
  await keeper.check('https://example.com:8443/a.jpg');
  assert.equal(web.asked('/robots.txt'), 3);
});

test('an answer counts for a day, also after a restart, and 304 makes the copy fresh', async () => {
  const web = world({ '/robots.txt': answer(200, CLOSE_ALL, { etag: '"1"', 'last-modified': 'then' }) });
  await web.keeper().check(`${SITE}/a.jpg`);
  web.pass(DAY_MS - 1);
  assert.equal((await web.keeper().check(`${SITE}/a.jpg`)).reason, 'robots-disallowed');
  assert.equal(web.asked('/robots.txt'), 1);
  web.pass(1);
  web.files['/robots.txt'] = answer(304);
  assert.equal((await web.keeper().check(`${SITE}/a.jpg`)).reason, 'robots-disallowed');
  assert.deepEqual(web.log.at(-1)?.headers, { 'if-none-match': '"1"', 'if-modified-since': 'then' });
  web.pass(DAY_MS - 1);
  await web.keeper().check(`${SITE}/a.jpg`);
  assert.equal(web.asked('/robots.txt'), 2);
  web.pass(1);
  web.files['/robots.txt'] = answer(404);
  assert.equal((await web.keeper().check(`${SITE}/a.jpg`)).allowed, true);
});

test('a site that cannot be reached is retried three times with growing waits, then left alone for an hour', async () => {
  const web = world({ '/robots.txt': answer(503) });
  const keeper = web.keeper();
  const waits: (number | null)[] = [];
  for (let attempt = 0; attempt < 4; attempt += 1) {
    const { retryAtMs } = await keeper.check(`${SITE}/a.jpg`);
    waits.push(retryAtMs === null ? null : retryAtMs - web.now());
    // Asking early does not reach the site.
    await keeper.check(`${SITE}/b.jpg`);
    assert.equal(web.asked('/robots.txt'), attempt + 1);
    web.pass(retryAtMs === null ? HOUR_MS - 1 : retryAtMs - web.now());
  }
  assert.deepEqual(waits, [1_000, 5_000, 15_000, null]);
  assert.equal((await keeper.check(`${SITE}/a.jpg`)).allowed, false);
  assert.equal(web.asked('/robots.txt'), 4);
  web.pass(1);
  web.files['/robots.txt'] = answer(200);
  assert.equal((await keeper.check(`${SITE}/a.jpg`)).allowed, true);
});

test('Retry-After of a 429 or 503 is waited for', async () => {
  const web = world({ '/robots.txt': answer(429, '', { 'retry-after': '120' }) });
  const { retryAtMs } = await web.keeper().check(`${SITE}/a.jpg`);
  assert.equal(retryAtMs, web.now() + 120_000);
});

test('the last copy speaks for an unreachable site for 30 days', async () => {
  const web = world({ '/robots.txt': answer(200, 'User-agent: *\nDisallow: /closed\n') });
  const keeper = web.keeper();
  await keeper.check(`${SITE}/a.jpg`);
  web.files['/robots.txt'] = silence('timeout');
  web.pass(30 * DAY_MS);
  assert.equal((await keeper.check(`${SITE}/a.jpg`)).allowed, true);
  const closed = await keeper.check(`${SITE}/closed/a.jpg`);
  assert.equal(closed.reason, 'robots-disallowed');
  assert.match(closed.evidence, /could not be reached.*last copy line 2: Disallow: \/closed/);
  web.pass(HOUR_MS);
  assert.equal((await keeper.check(`${SITE}/a.jpg`)).reason, 'robots-unreachable');
});

test('tdmrep.json, Content-Usage and ai.txt close what they reserve, and are not asked for without need', async () => {
  const web = world({
    '/robots.txt': answer(200, 'User-agent: *\nDisallow: /no\nContent-Usage: /usage/ train-ai=n\nCrawl-delay: 2\n'),
    '/.well-known/tdmrep.json': answer(200, '[{"location":"/tdm/","tdm-reservation":1}]'),
    '/ai.txt': answer(200, 'User-Agent: *\nDisallow: *.png\n'),
  });
  const keeper = web.keeper();
  assert.equal((await keeper.check(`${SITE}/no/a.jpg`)).reason, 'robots-disallowed');
  assert.equal(web.log.length, 1);
  const page = await keeper.check(`${SITE}/page.html`, 'page');
  assert.deepEqual([page.allowed, page.crawlDelayMs], [true, 2_000]);
  assert.equal(web.asked('/ai.txt'), 0);
  assert.equal((await keeper.check(`${SITE}/tdm/a.jpg`)).reason, 'tdm-reserved');
  assert.equal((await keeper.check(`${SITE}/tdm/page.html`, 'page')).reason, 'tdm-reserved');
  assert.match((await keeper.check(`${SITE}/usage/a.jpg`)).evidence, /Content-Usage/);
  assert.equal((await keeper.check(`${SITE}/usage/page.html`, 'page')).allowed, true);
  assert.equal((await keeper.check(`${SITE}/a.png`)).reason, 'ai-txt');
  assert.equal((await keeper.check(`${SITE}/a.jpg`)).allowed, true);
  assert.equal(web.log.length, 3);
});

test('files that robots.txt closes are not asked for', async () => {
  const web = world({ '/robots.txt': answer(200, 'User-agent: *\nDisallow: /\nAllow: /img/\n') });
  assert.equal((await web.keeper().check(`${SITE}/img/a.jpg`)).allowed, true);
  assert.equal(web.log.length, 1);
});

test('an override opens one kind of signal and says so', async () => {
  const files = { '/robots.txt': answer(200, CLOSE_ALL) };
  const decision = await world(files, { override: ['robots'] })
    .keeper()
    .check(`${SITE}/a.jpg`);
  assert.deepEqual([decision.allowed, decision.verdict.verdict], [true, 'overridden']);
  assert.match(decision.evidence, /Disallow: \//);
  assert.equal(
    (
      await world(files, { override: ['tdm'] })
        .keeper()
        .check(`${SITE}/a.jpg`)
    ).allowed,
    false,
  );
  const dead = await world({ '/robots.txt': answer(500) }, { override: ['robots'] })
    .keeper()
    .check(`${SITE}/a.jpg`);
  assert.deepEqual([dead.allowed, dead.retryAtMs], [true, null]);
});

test('who goes past robots.txt alone still hears the other files, also those that it closes', async () => {
  const { keeper } = world(
    {
      '/robots.txt': answer(200, CLOSE_ALL),
      '/.well-known/tdmrep.json': answer(200, '[{"location":"/reserved/*","tdm-reservation":1}]'),
      '/ai.txt': answer(200, 'User-Agent: *\nDisallow: *.jpg\n'),
    },
    { override: ['robots'] },
  );
  const asked = keeper();
  assert.equal((await asked.check(`${SITE}/reserved/a.png`)).reason, 'tdm-reserved');
  assert.equal((await asked.check(`${SITE}/a.jpg`)).reason, 'ai-txt');
  const kept = await asked.check(`${SITE}/a.png`);
  assert.deepEqual([kept.allowed, kept.verdict.verdict], [true, 'overridden']);
  assert.equal((await asked.check('file:///etc/passwd')).reason, 'scheme-refused', 'an address is no wish of a site');
});

test('a Crawl-delay beyond 300 s sets the site aside with the number shown', async () => {
  const slow = await world({ '/robots.txt': answer(200, 'User-agent: *\nCrawl-delay: 300\n') })
    .keeper()
    .check(SITE);
  assert.deepEqual([slow.allowed, slow.crawlDelayMs], [true, 300_000]);
  const slower = await world({ '/robots.txt': answer(200, 'User-agent: *\nCrawl-delay: 900\n') })
    .keeper()
    .check(SITE);
  assert.equal(slower.allowed, false);
  assert.match(slower.evidence, /900 s/);
});

test('robots.txt itself may always be fetched, other schemes never', async () => {
  const keeper = world({ '/robots.txt': answer(200, CLOSE_ALL) }).keeper();
  assert.equal((await keeper.check(`${SITE}/robots.txt`, 'page')).allowed, true);
  for (const url of ['ftp://example.com/a', 'file:///etc/passwd', 'nonsense', '']) {
    assert.equal((await keeper.check(url)).reason, 'scheme-refused');
  }
});

test('a record that is not whole counts as none', async () => {
  const web = world({ '/robots.txt': answer(200, CLOSE_ALL) });
  web.stored.set(`${SITE}:443`, '{"robots":{"access":"open"}}');
  assert.equal((await web.keeper().check(`${SITE}/a.jpg`)).reason, 'robots-disallowed');
});

test('a rejection of the port is passed on and leaves no trace', async () => {
  let calls = 0;
  const keeper = createConsentKeeper({
    productToken: 'PixBot',
    now: () => 0,
    store: { get: () => null, put: () => undefined },
    fetchText: async () => {
      calls += 1;
      if (calls === 1) throw new Error('shutting down');
      return answer(404);
    },
  });
  await assert.rejects(keeper.check(`${SITE}/a.jpg`), /shutting down/);
  assert.equal((await keeper.check(`${SITE}/a.jpg`)).allowed, true);
});

test('big files of many sites leave memory and come back from the store', async () => {
  const body = `User-agent: *\nDisallow: /no\n#${'x'.repeat(400_000)}`;
  const web = world({ '/robots.txt': answer(200, body) });
  const keeper = web.keeper();
  for (let index = 0; index < 25; index += 1) await keeper.check(`https://s${index}.example/a.jpg`, 'page');
  for (let index = 0; index < 25; index += 1) {
    assert.equal((await keeper.check(`https://s${index}.example/no`, 'page')).allowed, false);
  }
  assert.equal(web.asked('/robots.txt'), 25);
});

test('a site is stored under the name that its schedule has, port and all', async () => {
  const web = world({ '/robots.txt': answer(200, CLOSE_ALL) });
  const keeper = web.keeper();
  await keeper.check(`${SITE}/a.jpg`);
  await keeper.check(`${SITE}:443/b.jpg`);
  await keeper.check('http://example.com:8080/c.jpg');
  assert.deepEqual([...web.stored.keys()], ['https://example.com:443', 'http://example.com:8080']);
  await web.keeper().check(`${SITE}/d.jpg`);
  assert.equal(web.asked('/robots.txt'), 2, 'and found there again');
});

test('an address that we refused is asked for by the next run, which may be allowed it', async () => {
  const web = world({ '/robots.txt': silence('address-refused', false) });
  const refusing = web.keeper();
  for (let check = 0; check < 3; check++)
    assert.equal((await refusing.check(`${SITE}/a.jpg`)).reason, 'address-refused');
  assert.equal(web.asked('/robots.txt'), 1, 'once in a run');
  web.files['/robots.txt'] = answer(200, '');
  assert.equal((await web.keeper().check(`${SITE}/a.jpg`)).allowed, true);
  const unreachable = world({ '/robots.txt': silence('timeout', false) });
  await unreachable.keeper().check(`${SITE}/a.jpg`);
  await unreachable.keeper().check(`${SITE}/a.jpg`);
  assert.equal(unreachable.asked('/robots.txt'), 1, 'a site that was out of reach is left alone for a while');
});
