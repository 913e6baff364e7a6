import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import sharp from 'sharp';
import type { Desktop } from './harness.ts';
import { clientOf, eventually, homeFor, openDesktopFor, whenLogged } from './life.ts';

/** A progressive JPEG of so many pixels takes most of a second to open. */
const SLOW = { width: 14_000, height: 11_500, channels: 3, background: '#777' } as const;

test('a file that was being inspected, alone, in two crashes of the core is set aside as poisoned', async (context) => {
  const { folder, dataDirectory } = homeFor(context);
  const pictures = join(folder, 'pictures');
  mkdirSync(pictures);
  const slow = sharp({ create: SLOW, limitInputPixels: false }).jpeg({ progressive: true });
  await slow.toFile(join(pictures, 'slow.jpg'));
  const desktop = await openDesktopFor(context, { dataDirectory });
  const client = await clientOf(desktop);
  const dataset = await client.datasets.create({ name: 'Deadly' });
  const { id } = await client.imports.start({ datasetId: dataset.id, paths: [pictures] });

  for (const crash of [1, 2]) {
    await eventually(() => /^begin \d+ \d+!$/m.test(journal(dataDirectory)));
    const core = await coreOf(desktop);
    process.kill(core, 'SIGKILL');
    await eventually(async () => (await coreOf(desktop)) !== core);
    await whenLogged(dataDirectory, 'The core is ready.', crash + 1);
  }
  await eventually(async () => (await client.jobs.get({ id })).finishedAt !== null);
  const job = await client.jobs.get({ id });
  assert.deepEqual(job.reasons, { poisoned: 1 });
  assert.equal(job.counts.failed, 1);
  assert.equal(job.state, 'failed');

  // It can be given another chance.
  await client.jobs.retry({ id });
  await eventually(async () => (await client.jobs.get({ id })).state === 'completed');
  assert.equal((await desktop.close()).code, 0);
});

function journal(dataDirectory: string): string {
  return readFileSync(join(dataDirectory, 'attempts.log'), 'utf8');
}

function coreOf(desktop: Desktop): Promise<number> {
  return desktop.evaluate(({ recorded }) => {
    const cores = recorded.utilityProcesses.filter(({ modulePath }) => modulePath.endsWith('core-process.js'));
    return cores.at(-1)?.pid ?? 0;
  });
}
