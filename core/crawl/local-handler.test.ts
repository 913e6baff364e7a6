import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { FILE_ENDINGS } from '../../shared/file-endings.ts';
import { FORMAT_EXTENSION, IMAGE_FORMATS } from '../../shared/vocabulary.ts';
import { localSeed, mayBeImage } from './local-handler.ts';

test('what a person is offered to hand over is taken in as what it is called', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'pixcrawler-endings-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  const kindOf = async (name: string) => {
    await writeFile(join(folder, name), '');
    return (await localSeed(join(folder, name))).kind;
  };
  for (const ending of FILE_ENDINGS.image) {
    assert.ok(mayBeImage(`a.${ending}`), ending);
    assert.equal(await kindOf(`a.${ending}`), 'file', ending);
  }
  for (const ending of FILE_ENDINGS.archive) {
    const name = ending === 'gz' ? 'a.tar.gz' : `a.${ending}`;
    assert.ok(!mayBeImage(name), ending);
    assert.equal(await kindOf(name), 'archive', ending);
  }
  for (const ending of FILE_ENDINGS.list) assert.ok(!mayBeImage(`a.${ending}`), ending);
});

test('every image format but the one that is never drawn has its ending among them', () => {
  const endings: readonly string[] = FILE_ENDINGS.image;
  const missing = IMAGE_FORMATS.filter((format) => !endings.includes(FORMAT_EXTENSION[format]));
  assert.deepEqual(missing, ['svg', 'unknown']);
});
