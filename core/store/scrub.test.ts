import assert from 'node:assert/strict';
import { hash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openDataDirectory } from './data-directory.ts';
import { FileBlobStore } from './file-blob-store.ts';
import { repairFinding, type StoreFinding, scrubStore } from './scrub.ts';

let root: string;
let store: FileBlobStore;
const hashes: string[] = [];
before(async () => {
  root = fs.mkdtempSync(join(tmpdir(), 'pixcrawler-scrub-'));
  store = new FileBlobStore(await openDataDirectory(join(root, 'data')));
  const blobs = Array.from({ length: 300 }, () => {
    const bytes = randomBytes(2000);
    const stagingPath = store.stagingPath();
    fs.writeFileSync(stagingPath, bytes);
    return { stagingPath, sha256: hash('sha256', bytes), sizeBytes: bytes.length };
  });
  await store.adoptMany(blobs);
  hashes.push(...blobs.map((blob) => blob.sha256));
});
after(() => fs.rmSync(root, { recursive: true, force: true }));

async function scrub(known: readonly string[], rehash: Parameters<typeof scrubStore>[0]['rehash']) {
  const findings: StoreFinding[] = [];
  const rows = new Set(known);
  const summary = await scrubStore({
    store,
    knownHashes: (async function* () {
      for (let start = 0; start < known.length; start += 64) yield known.slice(start, start + 64);
    })(),
    hasRow: async (asked) => new Set(asked.filter((sha256) => rows.has(sha256))),
    rehash,
    orphanMinAgeMs: 0,
    onFinding: (finding) => {
      findings.push(finding);
    },
  });
  return { findings, summary };
}

test('a sound store has no findings, and the shares of it add up to all of it', async () => {
  const { findings, summary } = await scrub(hashes, 'all');
  assert.deepEqual(findings, []);
  assert.equal(summary.rehashed, 300);
  let inShares = 0;
  for (let share = 0; share < 5; share += 1) inShares += (await scrub(hashes, { share, of: 5 })).summary.rehashed;
  assert.equal(inShares, 300);
});

test('every flipped bit is found, without a false alarm, and repairs lose nothing', async () => {
  const flipped = hashes.slice(0, 100);
  for (const sha256 of flipped) {
    const path = store.pathOf(sha256);
    const bytes = fs.readFileSync(path);
    const bit = Math.floor(Math.random() * bytes.length * 8);
    bytes[bit >> 3]! ^= 1 << (bit & 7);
    fs.chmodSync(path, 0o644);
    fs.writeFileSync(path, bytes);
  }
  const missing = hashes.slice(100, 110);
  for (const sha256 of missing) fs.rmSync(store.pathOf(sha256));
  const orphans = hashes.slice(290);
  const stray = join(store.pathOf(hashes[150]!), '..', 'desktop.ini');
  fs.writeFileSync(stray, '');

  const known = hashes.slice(0, 290);
  const { findings, summary } = await scrub(known, 'all');
  const found = (kind: string) =>
    findings.flatMap((finding) => (finding.kind === kind && 'sha256' in finding ? finding.sha256 : [])).sort();
  assert.deepEqual(found('corrupt'), [...flipped].sort());
  assert.deepEqual(found('missing'), [...missing].sort());
  assert.deepEqual(found('orphan'), [...orphans].sort());
  assert.deepEqual(summary, { checked: 290, rehashed: 280, missing: 10, corrupt: 100, orphans: 10, strays: 1 });

  let repaired = 0;
  for (const finding of findings) if (await repairFinding(store, finding)) repaired += 1;
  assert.equal(repaired, 110);
  assert.equal(fs.readdirSync(join(root, 'data', 'quarantine')).length, 100);
  assert.ok(fs.existsSync(stray));
  const again = await scrub(hashes.slice(110, 290), 'all');
  assert.deepEqual(
    again.findings.map((finding) => finding.kind),
    ['stray'],
  );
});

test('a young file is not an orphan yet', async () => {
  const findings: StoreFinding[] = [];
  await scrubStore({
    store,
    knownHashes: (async function* () {})(),
    hasRow: async () => new Set(),
    rehash: 'none',
    onFinding: (finding) => void findings.push(finding),
  });
  assert.deepEqual(
    findings.filter((finding) => finding.kind === 'orphan'),
    [],
  );
});
