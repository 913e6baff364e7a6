import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Fetcher, FetchOptions } from '../fetch/fetcher.ts';
import type { Frontier } from './frontier.ts';
import type { LedgerRequest } from './ledger-request.ts';
import { Detour, Trip } from './trip.ts';

const FROM = 'http://from.example/a';
const TO = 'http://to.example/b';

const REQUEST: LedgerRequest = {
  id: 1,
  kind: 'api',
  url: FROM,
  siteId: 1,
  lane: 0,
  depth: 0,
  attempts: 0,
  suspicion: 0,
  dueAt: 0,
  meta: { source: 'openverse' },
};

const WANTED: FetchOptions = { destination: { kind: 'memory' }, maxBytes: 1, timeoutMs: 1, accept: '*/*' };

/** A frontier that notes what it is told, and a fetcher that is led from one address to the other. */
function makeTrip(request: LedgerRequest, isFree: boolean) {
  const told: string[] = [];
  const frontier = {
    enter: (site: string) => told.push(`enter ${site}`) > 0 && isFree,
    finished: (site: string, { kind }: { kind: string }) => told.push(`${kind} ${site}`) < 0,
    release: (site: string) => told.push(`release ${site}`),
    requeue: (site: string, { underWay }: LedgerRequest) => told.push(`queue ${site} ${JSON.stringify(underWay)}`),
    isGivenUp: () => false,
    starts: () => 1,
    left: (site: string, isSent: boolean) => told.push(`${isSent ? 'sent' : 'unsent'} ${site}`) > 0,
  } as unknown as Frontier;
  const fetcher: Fetcher = {
    fetch: async (url, options) => {
      told.push(`fetch ${url}, ${options.maxRedirects} redirects`);
      await options.beforeRequest?.(url, 0);
      trip.sent();
      await options.beforeRequest?.(TO, 1);
      throw new Error('led there');
    },
    close: async () => undefined,
  };
  const trip = new Trip(frontier, request, 'http://from.example:80');
  return { told, trip, fetcher: trip.fetcher(fetcher) };
}

test('a redirect ends well for its site, and what it leads to answers for the rest', async () => {
  const { told, trip, fetcher } = makeTrip(REQUEST, true);
  await assert.rejects(fetcher.fetch(FROM, WANTED), /led there/);
  trip.end('throttled', undefined, null);
  assert.deepEqual(told, [
    `fetch ${FROM}, 10 redirects`,
    'sent http://from.example:80',
    'success http://from.example:80',
    'enter http://to.example:80',
    'unsent http://to.example:80',
    'throttled http://to.example:80',
  ]);
});

test('without a place it waits in the queue of the site that it was led to, and goes on from there', async () => {
  const { told, trip, fetcher } = makeTrip({ ...REQUEST, underWay: { url: FROM, redirects: 3 } }, false);
  const error = await fetcher.fetch('http://start.example/', WANTED).catch((thrown: unknown) => thrown);
  assert.ok(error instanceof Detour);
  assert.equal(trip.wait(error), null);
  assert.deepEqual(told, [
    `fetch ${FROM}, 7 redirects`,
    'sent http://from.example:80',
    'success http://from.example:80',
    'enter http://to.example:80',
    `queue http://to.example:80 ${JSON.stringify({ url: TO, redirects: 4 })}`,
  ]);
  assert.equal(trip.end('success', 1, null), false, 'it has no place to give back');
});
