import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SETTINGS, type SettingName } from '../../../shared/settings.ts';
import { defaultText, fieldText, settingValue } from './setting-values.ts';

const numeric = (Object.keys(SETTINGS) as SettingName[]).filter(
  (name) => typeof SETTINGS[name].defaultValue === 'number',
);

test('times are typed in seconds and sizes in megabytes', () => {
  assert.equal(fieldText('crawl.delayMs', 1_500), '1.5');
  assert.equal(settingValue('crawl.delayMs', '1.5', 1_000), '1500');
  assert.equal(settingValue('crawl.delayMs', ' 0,25 ', 1_000), '250');
  assert.equal(fieldText('storage.minFreeBytes', 536_870_912), '536.871');
  assert.equal(defaultText('storage.minFreeBytes', 536_870_912, 'MB'), '536.9 MB');
  assert.equal(settingValue('storage.minFreeBytes', '1000', 1), '1000000000');
  assert.equal(settingValue('crawl.concurrency', '32', 8), '32');
});

test('a number is read as the interface writes it, with its thousands apart; any other comma is that of decimals', () => {
  const typed = ['10,000', '1,234,567.5', '0,250', '12,5', '1000,125', '1,0000'];
  const read = typed.map((text) => settingValue('crawl.concurrency', text, 1));
  assert.deepEqual(read, ['10000', '1234567.5', '0.25', '12.5', '1000.125', '1']);
  for (const text of ['1,000,00', '1,2,3', '1.5,000', ',']) {
    assert.equal(settingValue('crawl.concurrency', text, 1), null, text);
  }
});

test('what is no number is not sent where one is needed', () => {
  for (const typed of ['', ' ', 'many', 'NaN', 'Infinity', '1 2']) {
    assert.equal(settingValue('crawl.concurrency', typed, 32), null);
  }
  assert.equal(settingValue('crawl.contact', ' me@a.example ', ''), 'me@a.example');
});

test('whatever is told as a default can be typed as it stands, to a tenth of what is shown', () => {
  const unitOf = (name: string) => (name.endsWith('Ms') ? 1_000 : name.endsWith('Bytes') ? 1_000_000 : 1);
  fc.assert(
    fc.property(fc.constantFrom(...numeric), fc.integer({ min: 0, max: 1e15 }), (name, value) => {
      const back = Number(settingValue(name, defaultText(name, value, undefined), value));
      assert.ok(Math.abs(back - value) <= 0.051 * unitOf(name), `${value} came back as ${back}`);
    }),
    { numRuns: 500 },
  );
});

test('whatever whole number of its own unit a setting has comes back as it was, to a thousandth of what is shown', () => {
  fc.assert(
    fc.property(fc.constantFrom(...numeric), fc.integer({ min: 0, max: 1e12 }), (name, value) => {
      const back = Number(settingValue(name, fieldText(name, value), value));
      assert.ok(Math.abs(back - value) <= (name.endsWith('Bytes') ? 500 : 0));
    }),
  );
});
