/** A line of a job's log about one address or file: what happened in words, with the code that reasons are counted by. */

import type { Failure, Refusal } from '../../shared/vocabulary.ts';

type Named = Exclude<Failure, `http-${number}`> | Refusal;

const WORDS: Readonly<Record<Named, string>> = {
  'robots-disallowed': 'closed by robots.txt',
  'robots-unreachable': 'robots.txt cannot be read, so the site is closed',
  'x-robots-tag': 'refused by its X-Robots-Tag',
  'meta-robots': 'refused by the page',
  'tdm-reserved': 'its rights are reserved',
  'ai-txt': 'refused by ai.txt',
  'address-refused': 'not a public address',
  'scheme-refused': 'not a web address',
  'too-large': 'too large',
  'over-budget': 'too many pixels',
  'too-many-frames': 'too many frames',
  'svg-refused': 'SVG is not taken in',
  'unsupported-format': 'the format is not supported',
  excluded: 'excluded by a filter',
  'out-of-scope': 'leads to another site',
  timeout: 'took too long',
  'too-slow': 'came too slowly',
  'dns-failure': 'the name of the site is not known',
  'connection-refused': 'the site refused the connection',
  'connection-reset': 'the connection was lost',
  'tls-error': 'the certificate is not valid',
  'protocol-error': 'the answer was not HTTP',
  'truncated-body': 'ended too early',
  'too-many-redirects': 'redirected too often',
  'bad-redirect': 'redirected to nowhere',
  'bad-url': 'not an address',
  'site-in-trouble': 'the site was given up',
  'empty-file': 'empty',
  'file-missing': 'the file is gone',
  'file-damaged': 'the file is damaged',
  'file-unreadable': 'the file cannot be read',
  'not-an-image': 'not an image',
  unreadable: 'cannot be decoded',
  poisoned: 'broke the decoder',
  deadline: 'took too long to decode',
  'bad-document': 'cannot be read',
  'page-limit': 'the limit of pages was reached',
};

/** @param detail more words; null, or the code once more, for none */
export function problemLine(address: string, reason: string, detail: string | null | undefined): string {
  const words = Object.hasOwn(WORDS, reason) ? WORDS[reason as Named] : `answered ${reason.replace(/^http-/, '')}`;
  const more = detail == null || detail === '' || detail === reason ? '' : `: ${detail}`;
  return `${address}: ${words} (${reason})${more}`;
}
