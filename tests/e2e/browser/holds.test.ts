/** Why jobs rest, as the interface of the desktop tells it, and the rules behind it in the settings. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from '../command-line.ts';
import { seriousViolations } from './accessibility.ts';
import { SKIP_BROWSER } from './chromium.ts';
import { type DesktopPage, openDesktopPage } from './desktop-page.ts';

const options = { skip: SKIP_BROWSER, timeout: 120_000 };

let desktop: DesktopPage;

before(async () => {
  if (SKIP_BROWSER === false) desktop = await openDesktopPage();
});

after(() => desktop?.close());

test('why jobs rest stands on every screen, and the rule can be turned off where it is told', options, async () => {
  const { page, client } = desktop;
  await desktop.goto('/jobs');
  const held = page.getByText('Jobs rest: the battery is low');
  assert.equal(await held.count(), 0);
  await client.jobs.setHolds({ holds: ['battery'] });
  await held.waitFor();
  const notice = page.getByRole('status').filter({ hasText: 'The battery is low.' });
  await notice.waitFor();
  assert.deepEqual(await seriousViolations(page), []);
  await notice.getByRole('button', { name: 'Turn this rule off' }).click();
  const name = 'desktop.pauseBelowBatteryPercent';
  await until(async () => (await client.settings.get({ name })).value === 0, 'the rule is off');
  await client.jobs.setHolds({ holds: [] });
  await held.waitFor({ state: 'detached' });
  await client.settings.unset({ name });
});

test(
  'each rule of the desktop has its place in the settings, and what is switched there holds at once',
  options,
  async () => {
    const { page, client } = desktop;
    await client.jobs.setHolds({ holds: ['metered'] });
    await desktop.goto('/jobs');
    await page.getByRole('status').getByRole('link', { name: 'Settings' }).click();
    await page.waitForURL('**/settings/desktop');
    const rule = page.getByRole('switch', { name: 'Rest on a metered network' });
    assert.equal(await rule.isChecked(), true);
    await rule.click();
    await until(
      async () => (await client.settings.get({ name: 'desktop.pauseOnMetered' })).value === false,
      'the rule is off',
    );
    assert.deepEqual(await seriousViolations(page), []);
    // What another client sets shows here too.
    await client.settings.set({ name: 'desktop.keepAwake', value: 'true' });
    await until(
      () => page.getByRole('switch', { name: 'Keep the computer awake while a job runs' }).isChecked(),
      'what was set elsewhere shows',
    );
    const battery = page.getByLabel('Rest on battery below');
    await battery.fill('35');
    await battery.press('Enter');
    await until(
      async () => (await client.settings.get({ name: 'desktop.pauseBelowBatteryPercent' })).value === 35,
      'the limit is kept',
    );
    await client.jobs.setHolds({ holds: [] });
    assert.deepEqual(desktop.complaints, []);
  },
);
