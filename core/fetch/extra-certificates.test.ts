import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { getCACertificates } from 'node:tls';
import { trustExtraCertificates } from './extra-certificates.ts';

const digestOf = (certificate: string) => new X509Certificate(certificate).fingerprint256;

test('what cannot be used is told, and changes nothing', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'pixcrawler-certificates-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'company.pem');
  const before = getCACertificates('default');
  trustExtraCertificates(undefined);
  trustExtraCertificates('');
  const isTold = { code: 'bad-request', message: /PIXCRAWLER_EXTRA_CA_CERTS: expected .*company\.pem/ };
  assert.throws(() => trustExtraCertificates(path), isTold);
  for (const text of ['', 'A company', '-----BEGIN CERTIFICATE-----\nbroken\n-----END CERTIFICATE-----']) {
    await writeFile(path, text);
    assert.throws(() => trustExtraCertificates(path), isTold, text);
  }
  assert.deepEqual(getCACertificates('default'), before);
});

test('what the system trusts is trusted beside what is anyway, where that is asked for', () => {
  const trusted = () => new Set(getCACertificates('default').map(digestOf));
  const wanted = [...trusted(), ...getCACertificates('system').map(digestOf)];
  trustExtraCertificates('system');
  const now = trusted();
  assert.deepEqual(
    wanted.filter((digest) => !now.has(digest)),
    [],
  );
});
