import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SETTINGS, type SettingName } from '../../../shared/settings.ts';
import { defaultText, fieldText, settingValue } from './setting-values.ts';

test('times are typed in seconds and sizes in megabytes', () => {
  assert.equal(fieldText('crawl.delayMs', 1_500), '1.5');
  assert.equal(settingValue('crawl.delayMs', '1.5', 1_000), '1500');
  assert.equal(settingValue('crawl.delayMs', ' 0,25 ', 1_000), '250');
  assert.equal(fieldText('storage.minFreeBytes', 536_870_912), '536.871');
  assert.equal(defaultText('storage.minFreeBytes', 536_870_912, 'MB'), '536.9 MB');
  assert.equal(settingValue('storage.minFreeBytes', '1000', 1), '1000000000');
  assert.equal(settingValue('crawl.concurrency', '32', 8), '32');
});

test('what is no number is not sent where one is needed', () => {
  for (const typed of ['', ' ', 'many', 'NaN', 'Infinity', '1 2']) {
    assert.equal(settingValue('crawl.concurrency', typed, 32), null);
  }
  assert.equal(settingValue('crawl.contact', ' me@a.example ', ''), 'me@a.example');
});

test('whatever whole number of its own unit a setting has comes back as it was, to a thousandth of what is shown', () => {
  const numeric = (Object.keys(SETTINGS) as SettingName[]).filter(
    (name) => typeof SETTINGS[name].defaultValue === 'number',
  );
  fc.assert(
    fc.property(fc.constantFrom(...numeric), fc.integer({ min: 0, max: 1e12 }), (name, value) => {
      const back = Number(settingValue(name, fieldText(name, value), value));
      assert.ok(Math.abs(back - value) <= (name.endsWith('Bytes') ? 500 : 0));
    }),
  );
});
