/** The few pages that the host writes itself: they must work where nothing else does. */

import { createHash } from 'node:crypto';
import type { FastifyReply } from 'fastify';

const STYLE = `
:root { color-scheme: light dark; font: 14px/1.5 system-ui, sans-serif; }
body { max-width: 560px; margin: 15vh auto 0; padding: 0 24px; }
h1 { font-size: 20px; line-height: 1.3; }
code { font: 13px/1.5 ui-monospace, monospace; }
`;

/** The one style of these pages, by its hash, and nothing else. */
const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export function sendPage(reply: FastifyReply, status: number, page: string): FastifyReply {
  return reply
    .status(status)
    .type('text/html; charset=utf-8')
    .headers({ 'content-security-policy': POLICY, 'cache-control': 'no-store' })
    .send(page);
}

function page(title: string, paragraphs: readonly string[]): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${title}</title>
    <style>${STYLE}</style>
  </head>
  <body>
    <main>
      <h1>${title}</h1>
${paragraphs.map((text) => `      <p>${text}</p>`).join('\n')}
    </main>
  </body>
</html>
`;
}

/** For a person who has no session here. */
export function signInPage(): string {
  return page('PixCrawler does not know this browser', [
    'Open the address that PixCrawler printed when it was started: it ends with a token that lets you in.',
    'If you cannot find it, end PixCrawler with Ctrl-C and start it again with <code>npm start</code> or <code>pixcrawler serve --open</code>.',
  ]);
}

/** Where the interface has not been built. */
export function notBuiltPage(): string {
  return page('The interface has not been built', [
    'Run <code>npm run build</code> in the folder of PixCrawler, then open this page again.',
    'The API works without it: see <a href="/api/v1/docs">its description</a>.',
  ]);
}
