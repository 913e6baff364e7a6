import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { draw, encode } from '../web/draw.ts';
import { clientOf, eventually, homeFor, openDesktopFor } from './life.ts';

/** Of 127.0.0.1, signed by itself, until 2120. Nobody else trusts it. */
const KEY = `-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIJN7ocZQXzeLCuJ8fGIQXs8fMUKhs7+bRx8FyPldBUWEoAoGCCqGSM49
AwEHoUQDQgAEOAMHF2dAP6gz32otoFjrRwxP2HZH1BZdxxazdg2BXGHgewYMUgzJ
skXXvpB/EkqJzzyj+4Kc0alOBQpv+NEYeg==
-----END EC PRIVATE KEY-----`;
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBWzCCAQKgAwIBAgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlBIGNvbXBh
bnkwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBQxEjAQBgNVBAMM
CUEgY29tcGFueTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABDgDBxdnQD+oM99q
LaBY60cMT9h2R9QWXccWs3YNgVxh4HsGDFIMybJF176QfxJKic88o/uCnNGpTgUK
b/jRGHqjQzBBMA8GA1UdEwEB/wQFMAMBAf8wDwYDVR0RBAgwBocEfwAAATAdBgNV
HQ4EFgQUPBW3UPCsS4men6yP2MSaEEkxuNgwCgYIKoZIzj0EAwIDRwAwRAIgK/Du
LG8scZ6wUckQZU190QPIs8Kpt23EWc3TotSrWwgCIFJwUL/SGnmnahSjf4hyAP6f
LCiC1uGVKgG3y5f0L6Ph
-----END CERTIFICATE-----`;

/** Collects one image of a site with that certificate. @returns how many have come, and where the core writes its log, if it has anything to say */
async function collect(
  context: TestContext,
  certificates: string,
  variable = 'PIXCRAWLER_EXTRA_CA_CERTS',
): Promise<{ accepted: number; logPath: string }> {
  const { folder, dataDirectory } = homeFor(context);
  const { bytes } = await encode(draw(1, 320, 300), 'jpeg', {});
  const server = createServer({ key: KEY, cert: CERTIFICATE }, (request, response) => {
    if (request.url === '/1.jpg') response.writeHead(200, { 'content-type': 'image/jpeg' }).end(bytes);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => server.close());
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const path = join(folder, 'company.pem');
  writeFileSync(path, certificates);
  const desktop = await openDesktopFor(context, { dataDirectory, environment: { [variable]: path } });
  const client = await clientOf(desktop);
  const { id: datasetId } = await client.datasets.create({ name: 'inside' });
  const list = join(folder, 'list.txt');
  writeFileSync(list, `https://${host}/1.jpg\n`);
  const { id } = await client.crawls.start({ datasetId, sources: [`urls:${list}`], allowHosts: [host] });
  let accepted = 0;
  await eventually(async () => {
    const { state, counts } = await client.jobs.get({ id });
    accepted = counts.accepted;
    return accepted > 0 || counts.failed > 0 || counts.refused > 0 || state === 'failed';
  });
  assert.equal((await desktop.close()).code, 0);
  return { accepted, logPath: join(dataDirectory, 'logs', 'core.log') };
}

test('a site of a company is fetched from when its certificate is among those of PIXCRAWLER_EXTRA_CA_CERTS', async (context) => {
  assert.equal((await collect(context, `A company\n${CERTIFICATE}\n`)).accepted, 1);
});

test('the variable of Node does not arrive in a package', async (context) => {
  assert.equal((await collect(context, CERTIFICATE, 'NODE_EXTRA_CA_CERTS')).accepted, 0);
});

test('a file without certificates is told of in the log, and nothing else is trusted', async (context) => {
  const { accepted, logPath } = await collect(context, 'A company\n');
  assert.equal(accepted, 0);
  assert.match(readFileSync(logPath, 'utf8'), /PIXCRAWLER_EXTRA_CA_CERTS: expected a file of certificates/);
});
