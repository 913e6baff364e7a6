/** Every fault of a server, each on a site of its own, and what the ledger says became of it. */

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import { draw, encode } from '../web/draw.ts';
import { faultHandler } from '../web/fault-site.ts';
import { FAULTS, type Fault } from '../web/faults.ts';
import { type SiteServer, startSite } from '../web/site-server.ts';
import type { LoggedRequest } from '../web/types.ts';
import { CommandLine } from './command-line.ts';

/** The first attempt and three retries. */
const MAX_ATTEMPTS = 4;
const TIMEOUT_S = 3;
/** The other bombs are met by the fetcher's own tests; each takes a second of CPU to make. */
const NAMES = Object.keys(FAULTS).filter((name) => !/^bomb-(?!gzip$|zstd$)/.test(name));
/** Faults that are over when they are met again. */
const PASSING = /^(too-many|unavailable)-once/;
/** What a fetch that went well can still turn out to be once it is opened. */
const OPENED: Readonly<Record<string, string | null>> = {
  'empty-body': 'empty-file',
  'no-content': 'empty-file',
  'html-as-jpeg': 'not-an-image',
};

interface Row {
  readonly url: string;
  readonly state: string;
  readonly reason: string | null;
  readonly attempts: number;
}

let cli: CommandLine;
const sites = new Map<string, SiteServer>();
const log: LoggedRequest[] = [];

before(async () => {
  const { bytes } = await encode(draw(4_711, 320, 240), 'jpeg');
  for (const name of NAMES) {
    sites.set(name, await startSite(name, '127.0.5.1', log, (site) => faultHandler(site, bytes, [])));
  }
  cli = await CommandLine.make({ PIXCRAWLER_CRAWL_MAX_IMAGE_BYTES: String(8 * 1024 * 1024) });
});

after(async () => {
  await cli?.remove();
  await Promise.all([...sites.values()].map((server) => server.close()));
});

function ledger(): Map<string, Row> {
  const database = new DatabaseSync(join(cli.dataDirectory, 'pixcrawler.db'), { readOnly: true });
  try {
    const rows = database.prepare(`SELECT url, state, reason, attempts FROM requests WHERE kind = 'image'`).all();
    return new Map(rows.map((row) => [/\/fault\/(.+)$/.exec(String(row.url))?.[1] ?? '', row as unknown as Row]));
  } finally {
    database.close();
  }
}

function askedFor(name: string): LoggedRequest[] {
  return log.filter(({ site, path }) => site === name && path === `/fault/${name}`);
}

test('each fault ends as it must, after as many attempts as it is worth', async () => {
  const list = join(cli.root, 'faults.txt');
  await writeFile(list, NAMES.map((name) => `${sites.get(name)?.site.origin}/fault/${name}`).join('\n'));
  const allowed = [...sites.values()].flatMap(({ site }) => ['--allow-host', site.host]);
  const from = ['--from', `urls:${list}`, '--timeout-s', String(TIMEOUT_S)];
  const job = await cli.job('crawl', 'faults', '--create', ...from, ...allowed);
  assert.deepEqual([job.code, job.status], [3, 'completed-with-errors']);
  const rows = ledger();
  assert.equal(rows.size, NAMES.length);

  const wrong: string[] = [];
  const expected = { refused: 0, failed: 0 };
  for (const name of NAMES) {
    const fault = FAULTS[name] as Fault;
    const row = rows.get(name) as Row;
    const reason = OPENED[name] ?? (PASSING.test(name) ? null : fault.reason);
    // A deadline may fall before or after the first byte.
    const reasons = fault.endless === undefined || fault.expect !== 'transient' ? [reason] : ['timeout', 'too-slow'];
    const states = fault.expect === 'refused' ? ['refused'] : reason === null ? ['done', 'duplicate'] : ['failed'];
    if (states[0] === 'refused') expected.refused++;
    if (states[0] === 'failed') expected.failed++;
    if (!reasons.includes(row.reason) || !states.includes(row.state)) {
      wrong.push(`${name}: expected ${states[0]} (${reasons}), got ${row.state} (${row.reason})`);
    }
    const asked = askedFor(name).length;
    const attempts = PASSING.test(name) ? 2 : fault.expect === 'transient' ? MAX_ATTEMPTS : 1;
    // A loop comes by its own address again.
    if (/^redirect-(loop|pair)$/.test(name)) continue;
    if (asked !== attempts) wrong.push(`${name}: asked for ${asked} times instead of ${attempts}`);
  }
  assert.deepEqual(wrong, []);
  const { counts } = job;
  assert.deepEqual([counts.refused, counts.failed], [expected.refused, expected.failed]);
  assert.equal(counts.discovered, NAMES.length);
  assert.equal(
    (counts.accepted ?? 0) + (counts.quarantined ?? 0) + (counts.duplicates ?? 0),
    NAMES.length - expected.refused - expected.failed,
  );
});

test('what Retry-After asks for is waited', () => {
  for (const [name, leastMs] of [
    ['too-many-once-seconds', 1_000],
    ['unavailable-once', 1_000],
    // A date has whole seconds: two seconds from now may be little more than one.
    ['too-many-once-date', 1_000],
  ] as const) {
    const [first, second] = askedFor(name);
    const gapMs = (second?.atMs ?? 0) - (first?.atMs ?? 0);
    assert.ok(gapMs >= leastMs - 10, `${name}: ${gapMs} ms`);
  }
});

test('what failed is tried again by its reason alone, and counted once', async () => {
  log.length = 0;
  const before = ledger();
  const { lines } = await cli.json('jobs', 'list');
  const id = String(lines[0]?.id);
  const counts = lines[0]?.counts as Record<string, number>;
  const job = await cli.job('jobs', 'retry', id, '--only', 'http-404');
  const again = [...before].filter(([, row]) => row.reason === 'http-404').map(([name]) => name);
  assert.equal(again.length, 3);
  const asked = log.filter(({ path }) => path.startsWith('/fault/')).map(({ site }) => site);
  assert.deepEqual(asked.sort(), again.sort());
  for (const [name, count] of Object.entries(job.counts)) assert.equal(count, counts[name], name);
  assert.equal(job.reasons['http-404'], again.length);

  const opened = await cli.job('jobs', 'retry', id, '--only', 'empty-file');
  for (const [name, count] of Object.entries(opened.counts)) assert.equal(count, counts[name], name);

  const none = await cli.json('jobs', 'retry', id, '--only', 'http-418');
  assert.deepEqual([none.code, none.lines.at(-1)?.code], [1, 'conflict']);
});
