/** When jobs of the built desktop rest to spare the machine, and when it is kept awake for them. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { killCore, startStage } from './background-stage.ts';
import { startDesktopFor } from './harness.ts';

test('jobs rest on a low battery, a metered network and while the computer sleeps, and go on after', async (context) => {
  const { desktop, client, crawl, comesTo, setMetered } = await startStage(context);
  const { id } = await crawl();
  await comesTo(id, ['active']);
  // Nobody looks at the window: what rests and goes on does so in the tray.
  await desktop.evaluate(({ recorded }) => recorded.windows[0]?.window.close());
  await desktop.evaluate(({ acts }) => acts.setBattery(true, 0.1));
  await comesTo(id, ['waiting']);
  assert.deepEqual(await client.jobs.holds(), ['battery']);
  await desktop.until(({ recorded }) => /Jobs rest: the battery is low/.test(recorded.trays[0]?.toolTip ?? ''));
  await desktop.until(({ recorded }) => recorded.windows[0]?.progressMode === 'paused');
  await desktop.evaluate(({ acts }) => acts.setBattery(false, 0.1));
  await comesTo(id, ['active']);
  await desktop.until(({ recorded }) => recorded.windows[0]?.progressMode === 'normal');

  await client.settings.set({ name: 'desktop.pauseOnMetered', value: 'false' });
  await setMetered(true);
  // A rule that is turned on looks at once.
  await client.settings.set({ name: 'desktop.pauseOnMetered', value: 'true' });
  await comesTo(id, ['waiting']);
  assert.deepEqual(await client.jobs.holds(), ['metered']);
  await client.settings.set({ name: 'desktop.pauseOnMetered', value: 'false' });
  await comesTo(id, ['active']);

  await desktop.evaluate(({ acts }) => acts.suspend());
  await comesTo(id, ['waiting']);
  await desktop.evaluate(({ acts }) => acts.resume());
  await comesTo(id, ['active']);
  assert.deepEqual(await client.jobs.holds(), []);
});

test('a core that was started again begins under what holds, and jobs go on when that is gone', async (context) => {
  const { desktop, crawl, comesTo } = await startStage(context);
  await desktop.evaluate(({ acts }) => acts.setBattery(true, 0.1));
  const { id } = await crawl();
  await desktop.until(({ recorded }) => /Jobs rest: the battery is low/.test(recorded.trays[0]?.toolTip ?? ''));
  const again = await killCore(desktop);
  assert.deepEqual(await again.jobs.holds(), ['battery'], 'from its first answer on');
  await desktop.evaluate(({ acts }) => acts.setBattery(false, 0.1));
  await comesTo(id, ['active'], again);
});

test('the computer is kept awake while a job runs, if that is wanted', async (context) => {
  const { desktop, client, crawl, comesTo } = await startStage(context);
  await client.settings.set({ name: 'desktop.keepAwake', value: 'true' });
  const { id } = await crawl();
  await comesTo(id, ['active']);
  assert.equal(
    await desktop.until(({ recorded }) => [...recorded.powerSaveBlockers.values()][0]),
    'prevent-app-suspension',
  );
  await client.jobs.pause({ id });
  await desktop.until(({ recorded }) => recorded.powerSaveBlockers.size === 0);
});

test('a start without a window learns the charge of the battery, and makes none for it', async (context) => {
  const { desktop, crawl, comesTo, dataDirectory, environment } = await startStage(context);
  const { id } = await crawl();
  await comesTo(id, ['active']);
  await desktop.close();
  const hidden = await startDesktopFor(context, { dataDirectory, environment, arguments: ['--hidden'] });
  await hidden.until(({ recorded }) => /crawl/i.test(recorded.trays[0]?.toolTip ?? ''));
  await hidden.evaluate(({ acts }) => acts.setBattery(true, 0.1));
  await hidden.until(({ recorded }) => /Jobs rest: the battery is low/.test(recorded.trays[0]?.toolTip ?? ''));
  assert.equal(await hidden.evaluate(({ recorded }) => recorded.windows.length), 0);
  await hidden.evaluate(({ recorded }) => recorded.trays[0]?.tray.emit('click'));
  await hidden.until(({ recorded }) => recorded.windows[0]?.window.isVisible());
});
