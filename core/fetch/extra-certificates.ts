/**
 * Certificates that a company's network wants to be trusted. A variable of our own: Electron takes NODE_EXTRA_CA_CERTS out of the
 * environment of a package that obeys no NODE_OPTIONS.
 */

import { readFileSync } from 'node:fs';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { AppError } from '../../shared/errors.ts';

const CERTIFICATE = /-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----/gs;
/** Not by itself: reading them takes a tenth of a second in which nothing else is done, at each start. */
const OF_THE_SYSTEM = 'system';

/**
 * Trusts certificates beside those that are trusted anyway, in all connections of this thread from now on.
 * @param wanted PIXCRAWLER_EXTRA_CA_CERTS: the path of a file with certificates (PEM), or `system` for those that this system
 *   trusts; undefined or empty changes nothing
 * @throws AppError `bad-request` for a file that cannot be read, or in which there is none; nothing has changed then
 */
export function trustExtraCertificates(wanted: string | undefined): void {
  if (!wanted) return;
  try {
    const found =
      wanted === OF_THE_SYSTEM ? getCACertificates('system') : readFileSync(wanted, 'utf8').match(CERTIFICATE);
    if (found === null) throw new Error('it has none');
    setDefaultCACertificates([...getCACertificates('default'), ...found]);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const message =
      'PIXCRAWLER_EXTRA_CA_CERTS: expected a file of certificates (PEM) or "system", and found none that can be used in ' +
      `${wanted} (${why}). Until it is mended and PixCrawler started again, sites that need them cannot be fetched from.`;
    throw new AppError('bad-request', message, { cause });
  }
}
