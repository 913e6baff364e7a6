import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseAiTxt } from './ai-txt.ts';
import {
  type ConsentFinding,
  decideConsent,
  formatConsentVerdict,
  imageFindings,
  pageFindings,
} from './consent-verdict.ts';
import { parseTrainingPreference } from './content-usage.ts';
import { parseTdmReservation, parseTdmrep, resolveTdm } from './tdm.ts';

const NOW = Date.UTC(2026, 0, 15);

test('the first location of tdmrep.json that matches decides', () => {
  const rules = parseTdmrep(
    JSON.stringify([
      { location: '/open/', 'tdm-reservation': 0 },
      { location: '/odd/', 'tdm-reservation': 2 },
      { location: '/*.jpg$', 'tdm-reservation': 1, 'tdm-policy': 'https://example.com/policy' },
      { location: 'https://example.com/whole/', 'tdm-reservation': '1' },
      'junk',
      { location: 7 },
    ]),
  );
  const reserved = (path: string) => rules.reservation(`https://example.com${path}`).reserved;
  assert.equal(reserved('/open/a.jpg'), false);
  assert.equal(reserved('/odd/a.jpg'), null);
  assert.equal(reserved('/b/a.jpg'), true);
  assert.equal(reserved('/whole/x.png'), true);
  assert.equal(reserved('/elsewhere.png'), null);
});

test('what is no tdmrep.json reserves nothing', () => {
  for (const text of ['', 'null', '{', '"x"', '[[]]', '<html>', '{"location":"/"}', '[null]']) {
    assert.equal(parseTdmrep(text).reservation('https://example.com/').reserved, null, text);
  }
  assert.equal(parseTdmrep('{"location":"/","tdm-reservation":1}').reservation('https://example.com/').reserved, true);
});

test('meta overrides header, and absence resets nothing', () => {
  const values = [true, false, null] as const;
  for (const header of values) {
    for (const meta of values) assert.equal(resolveTdm({ header, meta }).reserved, meta ?? header ?? false);
  }
  assert.deepEqual([['1'], ['0'], ['2'], [' 1 '], ['0', '1'], ['0, 1'], ['yes'], []].map(parseTdmReservation), [
    true,
    false,
    null,
    true,
    true,
    true,
    null,
    null,
  ]);
});

test('Content-Usage is read as a dictionary and reservation wins', () => {
  const table: [string[], string | null][] = [
    [['train-ai=n'], 'reserved'],
    [['search=y, train-ai=n;x=1'], 'reserved'],
    [['train-ai=y'], 'granted'],
    [['train-ai=y', 'train-ai=n'], 'reserved'],
    [['ai-train=no'], 'reserved'],
    [['train-ai'], null],
    [['train-ai=maybe, bots=n'], null],
    [[''], null],
  ];
  for (const [values, expected] of table) assert.equal(parseTrainingPreference(values), expected, values.join('|'));
});

test('ai.txt reserves by file type, and by every type for an image without one', () => {
  const aiTxt = parseAiTxt('User-Agent: *\nDisallow: *.jpg\nDisallow: *.png\nAllow: /press/*.jpg\n', 'PixBot');
  const refused = (path: string) => aiTxt.imageRefusedBy(`https://example.com${path}`) !== null;
  assert.deepEqual(
    ['/a/b.jpg', '/a/b.jpg?w=1', '/a/b.webp', '/press/b.jpg', '/media/123', '/media/123?format=x', '/v1.2/abc'].map(
      refused,
    ),
    [true, true, false, false, true, true, true],
  );
  assert.equal(parseAiTxt('# llms\nHello: world\n', 'PixBot').imageRefusedBy('https://example.com/a.jpg'), null);
});

test('the answer that carried an image is read for all its signals', () => {
  const reasons = (headers: Record<string, string | string[]>) =>
    imageFindings(headers, 'PixBot', NOW).map(({ signal, refusal }) => `${signal} ${refusal}`);
  assert.deepEqual(reasons({}), []);
  assert.deepEqual(reasons({ 'x-robots-tag': ['otherbot: noai', 'noimageai'] }), ['x-robots-tag x-robots-tag']);
  assert.deepEqual(reasons({ 'robots-tag': 'noindex' }), ['x-robots-tag x-robots-tag']);
  assert.deepEqual(reasons({ 'tdm-reservation': '1', 'content-usage': 'train-ai=n' }), [
    'tdm tdm-reserved',
    'content-usage tdm-reserved',
  ]);
  assert.deepEqual(reasons({ 'tdm-reservation': '0', 'x-robots-tag': 'all' }), []);
});

test('a page speaks for its images and its links', () => {
  const page = (
    headers: Record<string, string>,
    metaRobots: [string, string][] = [],
    tdmReservation: string | null = null,
  ) => pageFindings({ headers, metaRobots, tdmReservation }, 'PixBot', NOW);
  assert.deepEqual(page({}), { findings: [], followLinks: true });
  assert.equal(page({ 'x-robots-tag': 'nofollow' }).followLinks, false);
  assert.deepEqual(
    page({ 'x-robots-tag': 'noai' }, [['robots', 'noimageindex,nofollow']]).findings.map(({ signal }) => signal),
    ['x-robots-tag', 'meta-robots'],
  );
  assert.equal(page({}, [['robots', 'noimageindex,nofollow']]).followLinks, false);
  assert.equal(page({ 'tdm-reservation': '1' }, [], '0').findings.length, 0);
  assert.equal(page({ 'tdm-reservation': '0' }, [], '1').findings[0]?.refusal, 'tdm-reserved');
});

test('one refusal closes, an override opens and is recorded, and the verdict survives storage', () => {
  const open: ConsentFinding = { signal: 'robots', refusal: null, evidence: 'robots.txt (200): no rule' };
  const tag: ConsentFinding = { signal: 'x-robots-tag', refusal: 'x-robots-tag', evidence: 'X-Robots-Tag: noai' };
  const tdm: ConsentFinding = { signal: 'tdm', refusal: 'tdm-reserved', evidence: 'tdm-reservation: 1' };
  assert.deepEqual(decideConsent([open]).verdict.verdict, 'allowed');
  assert.equal(decideConsent([open, tag, tdm]).reason, 'x-robots-tag');
  const half = decideConsent([open, tag, tdm], { override: ['x-robots-tag'] });
  assert.deepEqual(
    [half.reason, half.evidence, half.verdict.verdict],
    ['tdm-reserved', 'tdm-reservation: 1', 'refused'],
  );
  const all = decideConsent([open, tag, tdm], { override: ['x-robots-tag', 'tdm'] });
  assert.deepEqual([all.reason, all.verdict.verdict], [null, 'overridden']);
  assert.equal(all.verdict.signals.filter(({ refused }) => refused).length, 2);
  assert.deepEqual(JSON.parse(formatConsentVerdict(all.verdict)), all.verdict);
});

test('more findings never turn a refusal into consent', () => {
  const finding = fc.record({
    signal: fc.constantFrom('robots', 'x-robots-tag', 'meta-robots', 'tdm', 'content-usage', 'ai-txt'),
    refusal: fc.constantFrom(null, 'robots-disallowed', 'x-robots-tag', 'tdm-reserved'),
    evidence: fc.string(),
  }) as fc.Arbitrary<ConsentFinding>;
  fc.assert(
    fc.property(fc.array(finding), finding, fc.nat(), (findings, added, at) => {
      if (decideConsent(findings).reason === null) return;
      const more = [...findings];
      more.splice(at % (findings.length + 1), 0, added);
      assert.notEqual(decideConsent(more).reason, null);
      assert.equal(decideConsent(more).verdict.verdict, 'refused');
    }),
  );
});
