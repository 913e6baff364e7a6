import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Database } from '../db/database.ts';
import { type Keychain, SecretStore } from './secret-store.ts';
import { SettingRepository } from './setting-repository.ts';

let folder: string;
let database: Database;
let secretsPath: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pixcrawler-settings-'));
  secretsPath = join(folder, 'secrets.json');
  database = await Database.open({ path: join(folder, 'test.db'), backupDirectory: join(folder, 'backups') });
});

after(async () => {
  await database?.close();
  await rm(folder, { recursive: true, force: true });
});

function settingsOf(ownerId: string, environment: Record<string, string>, keychain?: Keychain): SettingRepository {
  return new SettingRepository(database, ownerId, environment, new SecretStore(secretsPath, keychain));
}

test('the environment wins over what was set, and that over the default', async () => {
  const settings = settingsOf('local', {});
  assert.deepEqual([settings.value('crawl.delayMs'), settings.get('crawl.delayMs').from], [1_000, 'default']);
  const set = await settings.set('crawl.delayMs', '250');
  assert.deepEqual([set.value, set.from, settings.value('crawl.delayMs')], [250, 'set', 250]);
  const inside = settingsOf('local', { PIXCRAWLER_CRAWL_DELAY_MS: '40' });
  assert.deepEqual([inside.value('crawl.delayMs'), inside.get('crawl.delayMs').from], [40, 'environment']);
  await assert.rejects(inside.set('crawl.delayMs', '9'), { code: 'conflict', message: /PIXCRAWLER_CRAWL_DELAY_MS/ });
  assert.equal(settingsOf('another', {}).value('crawl.delayMs'), 1_000);
});

test('what does not fit is refused by name, and changes nothing', async () => {
  const settings = settingsOf('local', { PIXCRAWLER_CRAWL_PER_HOST: 'many' });
  await assert.rejects(settings.set('crawl.timeoutMs', 'soon'), {
    code: 'bad-request',
    message: /crawl\.timeoutMs.*soon/,
  });
  assert.equal(settings.get('crawl.timeoutMs').from, 'default');
  assert.throws(() => settings.value('crawl.perHost'), { code: 'bad-request', message: /PIXCRAWLER_CRAWL_PER_HOST/ });
  assert.throws(() => settings.get('crawl.speed'), { code: 'not-found', message: /crawl\.delayMs/ });
  assert.throws(() => settings.get('toString'), { code: 'not-found' });
});

test('nothing is no number, and an empty variable is none', async () => {
  const settings = settingsOf('empty', { PIXCRAWLER_CRAWL_DELAY_MS: '', PIXCRAWLER_SOURCES_OPENVERSE_URL: '' });
  assert.deepEqual([settings.value('crawl.delayMs'), settings.get('crawl.delayMs').from], [1_000, 'default']);
  assert.equal(settings.value('sources.openverse.url'), 'https://api.openverse.org');
  for (const text of ['', ' ', '0x10', '1e3', '-1', '2.5', 'many']) {
    await assert.rejects(settings.set('crawl.delayMs', text), { code: 'bad-request', message: /crawl\.delayMs/ }, text);
  }
  await assert.rejects(settings.set('crawl.delayMs', '-5'), { message: /a whole number, 0 to 300000.*"-5"/ });
  await assert.rejects(settings.set('storage.minFreeBytes', 'all'), { message: /a whole number, 0 or more.*"all"/ });
  assert.equal((await settings.set('crawl.delayMs', ' 20 ')).value, 20);
});

test('what was set goes back to its default', async () => {
  const settings = settingsOf('local', {});
  await settings.set('crawl.timeoutMs', '5000');
  const unset = await settings.unset('crawl.timeoutMs');
  assert.deepEqual([unset.value, unset.from], [60_000, 'default']);
  await assert.rejects(settingsOf('local', { PIXCRAWLER_CRAWL_TIMEOUT_MS: '2000' }).unset('crawl.timeoutMs'), {
    code: 'conflict',
  });
});

test('a secret is kept in a file of its user alone, survives a restart, and is never told', async () => {
  const secret = 'sk-very-secret-0123456789';
  const settings = settingsOf('local', {});
  assert.equal(await settings.secret('sources.openverse.token'), '');
  const set = await settings.set('sources.openverse.token', secret);
  assert.deepEqual([set.value, set.from, set.isSecret], ['', 'set', true]);
  assert.equal(await settingsOf('local', {}).secret('sources.openverse.token'), secret);
  assert.equal((await stat(secretsPath)).mode & 0o777, 0o600);
  assert.doesNotMatch(JSON.stringify(settings.list()), /very-secret/);
  assert.doesNotMatch(await readFile(database.path, 'latin1'), /very-secret/);
  await assert.rejects(settings.set('sources.openverse.token', 'very secret'), (error: Error) => {
    assert.doesNotMatch(error.message, /very secret/);
    return true;
  });
  const inside = settingsOf('local', { PIXCRAWLER_SOURCES_OPENVERSE_TOKEN: 'other' });
  assert.deepEqual(
    [await inside.secret('sources.openverse.token'), inside.get('sources.openverse.token').value],
    ['other', ''],
  );
  await settings.unset('sources.openverse.token');
  assert.equal(await settingsOf('local', {}).secret('sources.openverse.token'), '');
});

test('a keychain that is locked at the start is asked again when a secret is needed', async () => {
  let isLocked = false;
  let asked = 0;
  const seal = (text: string) => Buffer.from(text).toString('base64');
  const keychain: Keychain = {
    encrypt: async (text) => (isLocked ? null : seal(text)),
    decrypt: async (text) => {
      asked += 1;
      return isLocked ? null : Buffer.from(text, 'base64').toString();
    },
  };
  const name = 'sources.openverse.token';
  const before = settingsOf('local', {}, keychain);
  await before.set(name, 'a-sealed-key-0123');
  assert.match(await readFile(secretsPath, 'utf8'), new RegExp(seal('a-sealed-key-0123')));
  isLocked = true;
  await assert.rejects(before.set(name, 'another-key-4567'), { code: 'unavailable', message: /Unlock/ });

  const settings = settingsOf('local', {}, keychain);
  assert.equal(settings.get(name).from, 'set');
  assert.equal(asked, 0, 'nobody needs it yet');
  assert.equal(await settings.secret(name), '');
  isLocked = false;
  assert.equal(await settings.secret(name), 'a-sealed-key-0123');
  assert.equal(await settings.secret(name), 'a-sealed-key-0123');
  assert.equal(asked, 2, 'what was opened once stays known');
  await settings.set(name, 'another-key-4567');
  assert.equal(await settings.secret(name), 'another-key-4567');
  await settings.unset(name);
  assert.deepEqual([await settings.secret(name), settings.get(name).from], ['', 'default']);
});
