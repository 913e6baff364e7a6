/** Licence names, links and codes of search services as one SPDX-like identifier. */

const UNKNOWN_LICENCE = 'unknown';

/**
 * `CC-BY-SA-4.0`, `CC-BY-3.0-DE`, `CC0-1.0`, `PDM-1.0`, `GFDL` or `unknown`.
 *
 * @param candidates codes (`by-sa`, `cc-by-sa-4.0`, `pdm`), names (`CC BY-SA 4.0`) or links to creativecommons.org, best
 *   first; the first that is understood decides
 * @param version for codes that hold none
 */
export function licenceId(candidates: readonly (string | null)[], version: string | null = null): string {
  for (const candidate of candidates) {
    const id = candidate === null ? null : readLicence(candidate.slice(0, 300).trim().toLowerCase(), version);
    if (id !== null) return id;
  }
  return UNKNOWN_LICENCE;
}

function readLicence(text: string, version: string | null): string | null {
  const link = /creativecommons\.org\/(licenses|publicdomain)\/([a-z+-]+)(?:\/(\d\.\d))?(?:\/([a-z]{2,3})\b)?/.exec(
    text,
  );
  if (link !== null) {
    const [, , code = '', linkVersion, port] = link;
    return creativeCommons(code, linkVersion ?? version, port ?? null);
  }
  if (/^(cc[ -]?0|cc[ -]?zero)\b/.test(text)) return 'CC0-1.0';
  if (/^(pdm?\b|public domain|no known copyright)/.test(text)) return 'PDM-1.0';
  if (/^gfdl\b/.test(text)) return 'GFDL';
  const code =
    /^(?:cc[ -])?((?:by|nc-sampling\+|sampling\+)(?:[ -](?:nc|nd|sa))*)(?:[ -](\d\.\d))?(?:[ -]([a-z]{2,3}))?$/.exec(
      text,
    );
  if (code === null) return null;
  const [, parts = '', codeVersion, port] = code;
  return creativeCommons(parts.replaceAll(' ', '-'), codeVersion ?? version, port ?? null);
}

function creativeCommons(code: string, version: string | null, port: string | null): string | null {
  if (code === 'zero' || code === 'cc0') return 'CC0-1.0';
  if (code === 'mark' || code === 'pdm') return 'PDM-1.0';
  if (!/^(by(-nc)?(-nd|-sa)?|nc-sampling\+|sampling\+)$/.test(code)) return null;
  return ['CC', code.toUpperCase(), version, port?.toUpperCase()]
    .filter((part) => part != null && part !== '')
    .join('-');
}
