/** What a page of the interface may do, and which headers its files carry: the same on every host that shows it. */

/** Where the built page holds its nonce, to be filled in each time the page is sent. */
export const NONCE_PLACE = '__STYLE_NONCE__';

/**
 * Nothing from elsewhere, nothing inline, no frame around us.
 * @param styleSource what else than our own files may style the page
 */
function contentSecurityPolicy(styleSource: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self'${styleSource}`,
    "img-src 'self' data: blob:",
    "connect-src 'self'",
    "font-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/**
 * The policy of the one page whose scripts make a style element: the lock of scrolling under a dialog, which carries this
 * page's nonce.
 */
export function pagePolicy(nonce: string): string {
  return contentSecurityPolicy(` 'nonce-${nonce}'`);
}

/** Of every answer; an answer may set its own. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  // What is asked again may have changed; what cannot change says so itself.
  'cache-control': 'no-store',
  'content-security-policy': contentSecurityPolicy(''),
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};
