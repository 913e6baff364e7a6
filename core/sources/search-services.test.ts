import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../shared/errors.ts';
import { wikimedia } from '../../workers/documents/search/wikimedia.ts';
import { SEARCH_SERVICES } from './search-services.ts';

const isCode = (code: string) => (error: unknown) => error instanceof AppError && error.code === code;
const search = (url: string) => Object.fromEntries(new URL(url).searchParams);

test('an Openverse search starts at page 1 below any base', () => {
  const url = SEARCH_SERVICES.openverse.firstRequest(' red panda ', { baseUrl: 'http://127.0.0.9:8080/mirror/' });
  assert.equal(url, 'http://127.0.0.9:8080/mirror/v1/images/?q=red+panda&page_size=20&page=1');
  assert.equal(
    search(SEARCH_SERVICES.openverse.firstRequest('x', { baseUrl: SEARCH_SERVICES.openverse.defaultBaseUrl, limit: 5 }))
      .page_size,
    '5',
  );
  for (const query of ['', '  ', 'x'.repeat(201)]) {
    assert.throws(
      () => SEARCH_SERVICES.openverse.firstRequest(query, { baseUrl: SEARCH_SERVICES.openverse.defaultBaseUrl }),
      isCode('bad-request'),
    );
  }
});

test('a Wikimedia search asks for bitmaps, a category for its files', () => {
  const url = SEARCH_SERVICES.wikimedia.firstRequest('red panda', { baseUrl: 'http://127.0.0.9:1' });
  assert.equal(new URL(url).pathname, '/w/api.php');
  const parameters = search(url);
  assert.deepEqual(
    [parameters.gsrsearch, parameters.gsrnamespace, parameters.iiurlwidth, parameters.maxlag, parameters.formatversion],
    ['red panda filetype:bitmap', '6', '1280', '5', '2'],
  );
  const category = search(
    SEARCH_SERVICES.wikimedia.firstRequest('Category:Red pandas', { baseUrl: 'http://127.0.0.9:1', limit: 7 }),
  );
  assert.deepEqual(
    [category.generator, category.gcmtitle, category.gcmlimit],
    ['categorymembers', 'Category:Red pandas', '7'],
  );
});

test('what a first request asks for, the reader of its answer keeps for the next page', () => {
  for (const query of ['panda', 'Category:Pandas']) {
    const first = SEARCH_SERVICES.wikimedia.firstRequest(query, { baseUrl: 'https://c.example' });
    const answer = JSON.stringify({ continue: { gsroffset: 50 }, batchcomplete: true });
    const { next } = wikimedia.parse(answer, first);
    assert.deepEqual(search(next as string), { ...search(first), gsroffset: '50' });
  }
});
