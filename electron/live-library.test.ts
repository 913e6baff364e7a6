import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HttpClient } from '../sdk/client.ts';
import type { Job } from '../shared/contract/jobs.ts';
import { createLiveLibrary, type LibraryChange } from './live-library.ts';
import { makeJob } from './testing/live-library.ts';

type Told = { readonly type: string } & Record<string, unknown>;

/** A core of a few procedures, which a test ends and starts again. */
function makeCore() {
  const jobs = new Map<number, Job>();
  const core = {
    isThere: true,
    settings: [] as { name: string; value: unknown }[],
    jobs,
    tell: (_event: Told): void => undefined,
    end: (): void => undefined,
  };
  const answer =
    <T>(value: () => T) =>
    async (): Promise<T> => {
      if (!core.isThere) throw new Error('gone');
      return value();
    };
  const client = {
    events: {
      watch: answer(async function* () {
        const queue: Told[] = [];
        let wake = Promise.withResolvers<void>();
        let hasEnded = false;
        core.tell = (event) => {
          queue.push(event);
          wake.resolve();
        };
        core.end = () => {
          hasEnded = true;
          wake.resolve();
        };
        while (!hasEnded) {
          yield* queue.splice(0);
          await wake.promise;
          wake = Promise.withResolvers<void>();
        }
        throw new Error('gone');
      }),
    },
    jobs: {
      list: answer(() => ({ items: [...jobs.values()].filter(({ state }) => state !== 'completed') })),
      get: async ({ id }: { id: number }) => jobs.get(id),
      holds: answer(() => ['battery']),
    },
    settings: { list: answer(() => core.settings) },
    sources: { list: answer(() => [{ source: 'openverse', state: 'working' }]) },
  };
  return { core, client: client as unknown as HttpClient };
}

async function until(isSo: () => boolean): Promise<void> {
  for (let wait = 0; wait < 3_000 && !isSo(); wait++) await new Promise((done) => setTimeout(done, 1));
  assert.ok(isSo());
}

test('a core that comes and goes is followed, and what ended between is told', async () => {
  const { core, client } = makeCore();
  core.isThere = false;
  core.jobs.set(1, makeJob());
  const library = createLiveLibrary({ client });
  const changes: LibraryChange[] = [];
  let connections = 0;
  library.onChange((change) => changes.push(change));
  library.onConnected(() => connections++);
  assert.equal(library.state.isKnown, false);
  assert.equal(library.state.settings.pauseBelowBatteryPercent, 20);
  core.isThere = true;
  await until(() => connections === 1);
  assert.deepEqual(
    [library.state.jobs.length, library.state.holds, library.state.sources.openverse],
    [1, ['battery'], 'working'],
  );

  core.tell({ type: 'holds.changed', holds: [] });
  core.tell({ type: 'job.updated', job: makeJob({ progress: 30 }) });
  await until(() => library.state.jobs[0]?.progress === 30);
  assert.deepEqual(library.state.holds, []);
  core.settings = [{ name: 'desktop.keepAwake', value: true }];
  core.tell({ type: 'settings.changed', name: 'desktop.keepAwake' });
  await until(() => library.state.settings.keepAwake);

  core.jobs.set(1, makeJob({ datasetName: 'owls' }));
  core.tell({ type: 'dataset.changed', datasetId: 8 });
  core.tell({ type: 'job.updated', job: makeJob({ progress: 40 }) });
  await until(() => library.state.jobs[0]?.progress === 40);
  core.tell({ type: 'dataset.changed', datasetId: 7 });
  await until(() => library.state.jobs[0]?.datasetName === 'owls');

  core.end();
  core.jobs.set(1, makeJob({ state: 'completed' }));
  core.jobs.set(2, makeJob({ id: 2 }));
  await until(() => connections === 2);
  assert.deepEqual(
    library.state.jobs.map(({ id }) => id),
    [2],
  );
  assert.deepEqual(
    changes.flatMap(({ ended }) => ended.map(({ id, state }) => [id, state])),
    [[1, 'completed']],
  );

  const failed = makeJob({ id: 2, state: 'failed', error: { code: 'internal', message: 'why' } });
  core.jobs.set(2, failed);
  core.tell({ type: 'job.updated', job: makeJob({ id: 2, state: 'failed' }) });
  await until(() => library.state.jobs.length === 0);
  assert.deepEqual(changes.flatMap(({ ended }) => ended).at(-1), failed, 'what came of it is read');
  library.stop();
  const count = changes.length;
  core.tell({ type: 'holds.changed', holds: ['disk'] });
  await new Promise((done) => setTimeout(done, 10));
  assert.equal(changes.length, count);
});
