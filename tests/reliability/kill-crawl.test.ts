/** SIGKILL at random instants of a crawl, of the whole program or of a worker process (G3.2, G1.11, G7.2 whole). */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { createRandom, type Random } from '../web/random.ts';
import { monotonicMs } from '../web/site-server.ts';
import { startWebProcess, type WebProcess } from '../web/web-process.ts';
import {
  assertCountsAreTrue,
  assertDatabaseIsSound,
  assertNoRowWithoutBlob,
  assertNothingIsLeftOver,
  assertSoundAtRest,
  jobFacts,
  poisonedAddresses,
  sampleFacts,
  settledAddresses,
} from './library-oracle.ts';
import { childrenOf, type Ended, IS_LONG_FORM, runCli, startCli, temporaryFolder } from './product.ts';

const KILLS = IS_LONG_FORM ? 200 : 20;
const BULK_IMAGES = IS_LONG_FORM ? 1_900 : 230;
const GALLERY_IMAGES = IS_LONG_FORM ? 100 : 40;
const BULK_HOSTS = 8;
/** Kills fall uniformly from the start of the program to this share of the time that a crawl without kills takes. */
const LONGEST_LIFE = IS_LONG_FORM ? 0.15 : 0.7;
/** A crawl has ended 3 when some of its addresses had no picture; the gallery serves such. */
const ENDED = [0, 3];

function crawlOf(web: WebProcess): string[] {
  const sources = [web.sites.gallery?.origin ?? '', ...web.bulk.map(({ origin }) => origin)];
  const allowed = web.allowHosts.flatMap((host) => ['--allow-host', host]);
  return ['crawl', 'killed', '--create', '--label', 'thing', '--delay-ms', '0', ...allowed, '--from', ...sources];
}

/** The last kill may have come after the end of the job and before that of the program. */
function hasEnded(dataDirectory: string): boolean {
  return jobFacts(dataDirectory).some(({ state }) => state.startsWith('completed'));
}

/** Lets a run live for a random time; on the way it may lose worker processes. @returns what it ended with */
async function liveAndDie(
  dataDirectory: string,
  commandLine: readonly string[],
  lifeMs: number,
  random: Random,
): Promise<Ended> {
  const { child, ended } = startCli(dataDirectory, commandLine);
  const workerDiesAfterMs = random() < 0.3 ? lifeMs * random() : null;
  const timers: NodeJS.Timeout[] = [];
  if (workerDiesAfterMs !== null) {
    const timer = setTimeout(() => {
      const workers = childrenOf(child.pid as number);
      const worker = workers[Math.floor(random() * workers.length)];
      if (worker !== undefined) process.kill(worker, 'SIGKILL');
    }, workerDiesAfterMs);
    timers.push(timer);
  }
  timers.push(setTimeout(() => child.kill('SIGKILL'), lifeMs));
  const end = await ended;
  for (const timer of timers) clearTimeout(timer);
  return end;
}

test(`a crawl killed ${KILLS} times ends like one that was not`, {
  timeout: IS_LONG_FORM ? 1_800_000 : 240_000,
}, async (context) => {
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
  context.diagnostic(`SEED=${seed}`);
  const random = createRandom(seed);
  const web = await startWebProcess({
    sites: ['gallery'],
    galleryImages: GALLERY_IMAGES,
    galleryPages: 6,
    bulkHosts: BULK_HOSTS,
    bulkImages: BULK_IMAGES,
  });
  context.after(() => web.close());
  const folder = await temporaryFolder(context, 'kill-crawl');
  const commandLine = crawlOf(web);

  const calm = join(folder, 'calm');
  const startedMs = performance.now();
  await runCli(calm, commandLine, { exitCodes: ENDED });
  const calmMs = performance.now() - startedMs;
  assertSoundAtRest(calm, 'calm');
  const expectedSamples = sampleFacts(calm);
  const [expectedJob] = jobFacts(calm);
  assert.ok(expectedSamples.length > BULK_IMAGES, `only ${expectedSamples.length} samples`);

  let kills = 0;
  // A fast machine may be through before all kills have been dealt: the rest of them goes to another crawl.
  for (let round = 0; kills < KILLS; round++) {
    const what = `SEED=${seed}, round ${round}`;
    const killed = join(folder, `killed-${round}`);
    await web.clearRequests();
    const settledAt: { readonly atMs: number; readonly addresses: ReadonlySet<string> }[] = [];
    let isFirst = true;
    while (kills < KILLS && !hasEnded(killed)) {
      // The command itself again, or the command for all that was interrupted: both go on.
      const jobs = isFirst ? [] : jobFacts(killed);
      const again = jobs.length > 0 && random() < 0.7 ? ['jobs', 'resume'] : commandLine;
      isFirst = false;
      const end = await liveAndDie(killed, again, 50 + random() * LONGEST_LIFE * calmMs, random);
      if (end.signal !== 'SIGKILL') {
        assert.ok(ENDED.includes(end.exitCode ?? -1), `${what}: ended with ${end.exitCode}: ${end.stderr}`);
        break;
      }
      kills++;
      const when = `${what}, after kill ${kills}`;
      settledAt.push({ atMs: monotonicMs(), addresses: settledAddresses(killed) });
      assertDatabaseIsSound(killed, when);
      assertNoRowWithoutBlob(killed, when);
      assertCountsAreTrue(killed, when);
      if (kills % 5 === 0) {
        await runCli(killed, ['dataset', 'list']);
        assertNothingIsLeftOver(killed, `${when} and another start`);
      }
    }
    if (!hasEnded(killed)) {
      await runCli(killed, jobFacts(killed).length > 0 ? ['jobs', 'resume'] : commandLine, { exitCodes: ENDED });
    }
    await runCli(killed, ['dataset', 'list']);
    assert.deepEqual(poisonedAddresses(killed), [], `${what}: set aside although nothing was wrong with them`);
    assertSoundAtRest(killed, what);
    assert.deepEqual(sampleFacts(killed), expectedSamples, what);
    assert.deepEqual(jobFacts(killed), [expectedJob], what);

    const requests = await web.requests();
    assert.ok(requests.length >= expectedSamples.length, `${what}: the sites were asked ${requests.length} times`);
    const origins = new Map([...web.bulk, ...Object.values(web.sites)].map(({ name, origin }) => [name, origin]));
    for (const { atMs, addresses } of settledAt) {
      const askedAgain = requests
        .filter((request) => request.atMs > atMs)
        .map((request) => `${origins.get(request.site)}${request.path}`)
        .filter((address) => addresses.has(address));
      assert.deepEqual(askedAgain, [], `${what}: fetched again after it was committed`);
    }
    const progress = settledAt.map(({ addresses }) => addresses.size).join(' ');
    context.diagnostic(`round ${round}: ${requests.length} requests; settled at each kill: ${progress}`);
  }
});
