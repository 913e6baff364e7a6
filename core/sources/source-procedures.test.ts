import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createRouterClient } from '@orpc/server';
import { siteOf } from '../crawl/url-rules.ts';
import { createProcedures } from '../procedures.ts';
import type { SavedSite } from '../sites/site.ts';
import { fakeWorkers, makeLibrary, type TestLibrary } from '../testing/test-library.ts';
import { sourceProcedures } from './source-procedures.ts';

const FINE: SavedSite = {
  nextStartAtMs: 0,
  crawlDelayMs: 0,
  failures: 0,
  throttles: 0,
  troubleSinceMs: null,
  failedProbes: null,
  hasAnswered: true,
};

let library: TestLibrary;

before(async () => {
  library = await makeLibrary(fakeWorkers());
});

after(() => library?.remove());

test('a service that never answered is not well, whoever asked it', async () => {
  const { services } = library;
  const { log, requests, searchHealth, settings, database } = services;
  const client = createRouterClient(sourceProcedures(createProcedures(log), services));
  const status = async () => {
    const wikimedia = (await client.list()).find(({ source }) => source === 'wikimedia');
    return [wikimedia?.state, wikimedia?.failures];
  };
  const site = siteOf('https://silent.example');
  await settings.set('sources.wikimedia.url', 'https://silent.example');
  // What a crawl remembers of a site that it could not ask.
  await database.write(() =>
    requests.saveSiteRecord(site, 'schedule', JSON.stringify({ ...FINE, hasAnswered: false, nextStartAtMs: 1 })),
  );
  assert.deepEqual(await status(), ['unused', 0]);
  searchHealth.note(site, false);
  searchHealth.note(site, false);
  assert.deepEqual(await status(), ['failing', 2]);
  searchHealth.note(site, true);
  assert.deepEqual(await status(), ['working', 0]);
  await settings.unset('sources.wikimedia.url');
});

test('a search service is as it answered the last time, at the address that the settings name', async () => {
  const { services } = library;
  const { log, requests, settings, database } = services;
  const client = createRouterClient(sourceProcedures(createProcedures(log), services));
  const openverse = async () => (await client.list()).find(({ source }) => source === 'openverse');
  const remember = (site: SavedSite) =>
    database.write(() => requests.saveSiteRecord(siteOf('https://mirror.example'), 'schedule', JSON.stringify(site)));
  await settings.set('sources.openverse.url', 'https://mirror.example');
  assert.deepEqual(await openverse(), {
    source: 'openverse',
    address: 'https://mirror.example',
    state: 'unused',
    failures: 0,
    nextDueAt: null,
  });
  const soon = Date.now() + 60_000;
  await remember({ ...FINE, nextStartAtMs: soon });
  assert.deepEqual([(await openverse())?.state, (await openverse())?.nextDueAt], ['working', null]);
  await remember({ ...FINE, nextStartAtMs: soon, throttles: 2, troubleSinceMs: 1 });
  assert.deepEqual([(await openverse())?.state, (await openverse())?.nextDueAt], ['resting', soon]);
  await remember({ ...FINE, failures: 3, troubleSinceMs: 1, failedProbes: 1 });
  assert.deepEqual([(await openverse())?.state, (await openverse())?.failures], ['failing', 3]);
  assert.equal((await client.list()).find(({ source }) => source === 'wikimedia')?.state, 'unused');
});
