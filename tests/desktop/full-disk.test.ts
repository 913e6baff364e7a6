import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startStage } from './background-stage.ts';

test('jobs rest while the disk of the library is short, and the tray tells of both', async (context) => {
  const short = { PIXCRAWLER_STORAGE_MIN_FREE_BYTES: String(2 ** 50) };
  const { desktop, client, crawl } = await startStage(context, { environment: short });
  await desktop.until(({ recorded }) => /Jobs rest: the disk is full/.test(recorded.trays[0]?.toolTip ?? ''));
  assert.deepEqual(await client.jobs.holds(), ['disk']);
  const { id } = await crawl(3);
  await desktop.until(({ recorded }) => /birds – 0 %, waiting/.test(recorded.trays[0]?.toolTip ?? ''));
  assert.equal((await client.jobs.get({ id })).counts.fetched, 0);
  await desktop.close();
});
