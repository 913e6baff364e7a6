import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { readSearchAnswer } from './search-answer.ts';

const URL_OF_PAGE = 'https://api.example/v1/images/?q=panda&page_size=20&page=1';
let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pixcrawler-search-'));
});

after(() => rm(folder, { recursive: true, force: true }));

async function read(service: 'openverse' | 'wikimedia', answer: unknown, maxResults = 1_000) {
  const path = join(folder, 'answer.json');
  await writeFile(path, typeof answer === 'string' ? answer : JSON.stringify(answer));
  return readSearchAnswer({ path, url: URL_OF_PAGE, service, maxResults });
}

test('results past the limit are counted, not given', async () => {
  const results = Array.from({ length: 2_500 }, (_each, index) => ({ url: `https://img.example/${index}.jpg` }));
  const { page } = await read('openverse', { results: [...results, 'junk'], page_count: 9 });
  assert.deepEqual([page?.images.length, page?.skipped], [1_000, 1_501]);
  assert.equal(page?.images[999]?.imageUrl, 'https://img.example/999.jpg');
  assert.match(page?.next ?? '', /page=2/);
});

test('what is no answer, or asks to come back later, is a result as well', async () => {
  for (const text of ['', '<html>', '[]', '[[[[', '{"results":7}', '\0']) {
    const { page, problem } = await read('openverse', text);
    assert.deepEqual([page, problem?.isTransient], [null, false], text);
    assert.match(problem?.message ?? '', /Openverse/);
  }
  const { page, problem } = await read('wikimedia', { error: { code: 'maxlag', info: '6 s lagged' } });
  assert.deepEqual([page, problem?.isTransient, problem?.retryAfterMs], [null, true, 5_000]);
});

test('an endless address of the next page is not followed', async () => {
  const answer = (offset: string) => ({ continue: { gsroffset: offset }, batchcomplete: true });
  assert.equal((await read('wikimedia', answer('x'.repeat(100_000)))).page?.next, null);
  assert.match((await read('wikimedia', answer('50'))).page?.next ?? '', /gsroffset=50/);
});

test('a file that is gone rejects', async () => {
  const path = join(folder, 'absent.json');
  await assert.rejects(readSearchAnswer({ path, url: URL_OF_PAGE, service: 'openverse', maxResults: 10 }), {
    code: 'ENOENT',
  });
});
