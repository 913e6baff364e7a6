/** Certificates that a company's network wants to be trusted. Node reads them itself, but not in a packed Electron (a fuse). */

import { readFileSync } from 'node:fs';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { AppError } from '../shared/errors.ts';

const CERTIFICATE = /-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----/gs;

/**
 * Trusts the certificates in a file beside those that are trusted anyway, in all connections of this thread from now on.
 * @param path as in NODE_EXTRA_CA_CERTS; undefined or empty changes nothing
 * @throws AppError `bad-request` for a file that cannot be read, or in which there is none; nothing has changed then
 */
export function trustExtraCertificates(path: string | undefined): void {
  if (!path) return;
  try {
    const found = readFileSync(path, 'utf8').match(CERTIFICATE);
    if (found === null) throw new Error('it has none');
    setDefaultCACertificates([...getCACertificates('default'), ...found]);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const message =
      `NODE_EXTRA_CA_CERTS: expected a file of certificates (PEM), and found none that can be used in ${path} (${why}). ` +
      'Until it is mended and PixCrawler started again, sites that need them cannot be fetched from.';
    throw new AppError('bad-request', message, { cause });
  }
}
