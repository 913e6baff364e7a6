import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { getCACertificates } from 'node:tls';
import { trustExtraCertificates } from './extra-certificates.ts';

test('what cannot be used is told, and changes nothing', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'pixcrawler-certificates-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'company.pem');
  const before = getCACertificates('default');
  trustExtraCertificates(undefined);
  trustExtraCertificates('');
  const isTold = { code: 'bad-request', message: /NODE_EXTRA_CA_CERTS: expected .*company\.pem/ };
  assert.throws(() => trustExtraCertificates(path), isTold);
  for (const text of ['', 'A company', '-----BEGIN CERTIFICATE-----\nbroken\n-----END CERTIFICATE-----']) {
    await writeFile(path, text);
    assert.throws(() => trustExtraCertificates(path), isTold, text);
  }
  assert.deepEqual(getCACertificates('default'), before);
});
