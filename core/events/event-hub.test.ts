import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { EventHub } from './event-hub.ts';

function publish(hub: EventHub, count: number): void {
  for (let index = 0; index < count; index++) hub.publish({ type: 'dataset.changed', datasetId: index + 1 });
}

test('a listener hears what is published from its call on, in order, until it ends', async () => {
  const hub = new EventHub(1);
  publish(hub, 2);
  const abort = new AbortController();
  const events = hub.watch(undefined, abort.signal);
  publish(hub, 3);
  const ids: number[] = [];
  for (let count = 0; count < 3; count++) ids.push((await events.next()).value?.eventId ?? 0);
  assert.deepEqual(ids, [3, 4, 5]);
  const next = events.next();
  abort.abort();
  assert.deepEqual(await next, { value: undefined, done: true });
  publish(hub, 1);
  assert.equal((await events.next()).done, true);
  assert.equal((await hub.watch(undefined, AbortSignal.abort()).next()).done, true);
});

test('whoever comes back after an id misses nothing that is remembered, and is told of the rest', async () => {
  const hub = new EventHub(1);
  publish(hub, 5);
  assert.equal((await hub.watch(3, undefined).next()).value?.eventId, 4);
  publish(hub, 1_500);
  const late = hub.watch(3, undefined);
  const first = (await late.next()).value;
  assert.equal(first?.type, 'events.missed');
  assert.equal((await late.next()).value?.eventId, (first?.eventId ?? 0) + 1);
});

test('a listener that is too slow loses events and is told so, in bounded memory', async () => {
  const hub = new EventHub(1);
  const slow = hub.watch(undefined, undefined);
  publish(hub, 2_500);
  const seen: string[] = [];
  let last = 0;
  for (let count = 0; last < 2_500 && count < 2_500; count++) {
    const event = (await slow.next()).value;
    seen.push(event?.type ?? '');
    assert.ok((event?.eventId ?? 0) > last, 'ids rise');
    last = event?.eventId ?? 0;
  }
  assert.ok(seen.length <= 1_001);
  assert.ok(seen.includes('events.missed'));
  assert.equal(last, 2_500);
});

test('whoever comes back with an id of an earlier core is told that events are missed, and hears the next', async () => {
  for (const published of [0, 3]) {
    const hub = new EventHub(1);
    publish(hub, published);
    const events = hub.watch(500, undefined);
    assert.deepEqual((await events.next()).value, { type: 'events.missed', eventId: published });
    publish(hub, 1);
    assert.equal((await events.next()).value?.eventId, published + 1);
  }
  const earlier = new EventHub();
  await new Promise((resolve) => setTimeout(resolve, 2));
  const later = new EventHub();
  publish(earlier, 1);
  const lastOfEarlier = (await earlier.watch(0, undefined).next()).value?.eventId ?? 0;
  publish(later, 3);
  const back = later.watch(lastOfEarlier, undefined);
  assert.equal((await back.next()).value?.type, 'events.missed', 'also when more was published since than before');
  const current = new EventHub(1);
  publish(current, 3);
  const events = current.watch(3, undefined);
  publish(current, 1);
  assert.equal((await events.next()).value?.type, 'dataset.changed', 'nothing is missed after the last id');
});

test('every pending call is answered, in order, and the end leaves nothing on the signal', async () => {
  const hub = new EventHub(1);
  const { signal } = new AbortController();
  const events = hub.watch(undefined, signal);
  const pending = [events.next(), events.next(), events.next(), events.next()];
  publish(hub, 2);
  assert.equal(getEventListeners(signal, 'abort').length, 1);
  await events.return?.();
  const answers = await Promise.all(pending);
  assert.deepEqual(
    answers.map(({ value }) => value?.eventId),
    [1, 2, undefined, undefined],
  );
  assert.equal(getEventListeners(signal, 'abort').length, 0);
});
