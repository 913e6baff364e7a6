import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problemLine } from './reason-words.ts';

test('a line of the log has words, the code and the detail, and nothing dangling without one', () => {
  const robots = 'robots-disallowed';
  assert.equal(
    problemLine('https://a.test/x', robots, 'robots.txt Disallow: /'),
    'https://a.test/x: closed by robots.txt (robots-disallowed): robots.txt Disallow: /',
  );
  for (const detail of [undefined, null, '', robots]) {
    assert.equal(
      problemLine('https://a.test/x', robots, detail),
      'https://a.test/x: closed by robots.txt (robots-disallowed)',
    );
  }
  assert.equal(problemLine('/a.jpg', 'http-404', null), '/a.jpg: answered 404 (http-404)');
});
