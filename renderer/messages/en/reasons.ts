import { FINDINGS } from './findings.ts';

/** Why an address failed or was refused. */
const REASONS: Readonly<Record<string, string>> = {
  ...FINDINGS,
  'robots-disallowed': 'Closed by robots.txt',
  'robots-unreachable': 'robots.txt cannot be read, so the site is closed',
  'x-robots-tag': 'Refused by X-Robots-Tag',
  'meta-robots': 'Refused by the page',
  'tdm-reserved': 'Rights reserved (TDM)',
  'ai-txt': 'Refused by ai.txt',
  'address-refused': 'Not a public address',
  'scheme-refused': 'Not a web address',
  'too-large': 'Too large',
  'over-budget': 'Too many pixels',
  'too-many-frames': 'Too many frames',
  'svg-refused': 'SVG is not taken in',
  'unsupported-format': 'Format not supported',
  excluded: 'Excluded by your filters',
  'out-of-scope': 'Leads to another site',
  timeout: 'Took too long',
  'too-slow': 'Came too slowly',
  'dns-failure': 'The name of the site is not known',
  'connection-refused': 'The site refused the connection',
  'connection-reset': 'The connection was lost',
  'tls-error': 'The certificate is not valid',
  'protocol-error': 'The answer was not HTTP',
  'truncated-body': 'The file ended too early',
  'too-many-redirects': 'Redirected too often',
  'bad-redirect': 'Redirected to nowhere',
  'bad-url': 'Not an address',
  'site-in-trouble': 'The site was given up',
  'empty-file': 'Empty file',
  'file-missing': 'The file is gone',
  'file-damaged': 'The file is damaged',
  'file-unreadable': 'The file cannot be read',
  'not-an-image': 'Not an image',
  unreadable: 'Cannot be decoded',
  poisoned: 'Broke the decoder',
  deadline: 'Took too long to decode',
  'bad-document': 'Page or list cannot be read',
  'page-limit': 'The limit of pages was reached',
};

export function reasonText(code: string): string {
  return REASONS[code] ?? (code.startsWith('http-') ? `Answered ${code.slice(5)}` : code);
}
