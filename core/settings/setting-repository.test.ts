import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Database } from '../db/database.ts';
import { SettingRepository } from './setting-repository.ts';

let folder: string;
let database: Database;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pixcrawler-settings-'));
  database = await Database.open({ path: join(folder, 'test.db'), backupDirectory: join(folder, 'backups') });
});

after(async () => {
  await database?.close();
  await rm(folder, { recursive: true, force: true });
});

test('the environment wins over what was set, and that over the default', async () => {
  const settings = new SettingRepository(database, 'local', {});
  assert.deepEqual([settings.value('crawl.delayMs'), settings.get('crawl.delayMs').from], [1_000, 'default']);
  const set = await settings.set('crawl.delayMs', '250');
  assert.deepEqual([set.value, set.from, settings.value('crawl.delayMs')], [250, 'set', 250]);
  const inside = new SettingRepository(database, 'local', { PIXCRAWLER_CRAWL_DELAY_MS: '40' });
  assert.deepEqual([inside.value('crawl.delayMs'), inside.get('crawl.delayMs').from], [40, 'environment']);
  await assert.rejects(inside.set('crawl.delayMs', '9'), { code: 'conflict', message: /PIXCRAWLER_CRAWL_DELAY_MS/ });
  assert.equal(new SettingRepository(database, 'another', {}).value('crawl.delayMs'), 1_000);
});

test('what does not fit is refused by name, and changes nothing', async () => {
  const settings = new SettingRepository(database, 'local', { PIXCRAWLER_CRAWL_PER_HOST: 'many' });
  await assert.rejects(settings.set('crawl.timeoutMs', 'soon'), {
    code: 'bad-request',
    message: /crawl\.timeoutMs.*soon/,
  });
  assert.equal(settings.get('crawl.timeoutMs').from, 'default');
  assert.throws(() => settings.value('crawl.perHost'), { code: 'bad-request', message: /PIXCRAWLER_CRAWL_PER_HOST/ });
  assert.throws(() => settings.get('crawl.speed'), { code: 'not-found', message: /crawl\.delayMs/ });
  assert.throws(() => settings.get('toString'), { code: 'not-found' });
});
