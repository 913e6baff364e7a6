/** The built interface. Its addresses are its own business: whatever is asked as a page gets the one page. */

import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import serveStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { NONCE_PLACE, pagePolicy } from '../shared/content-security-policy.ts';
import { AppError } from '../shared/errors.ts';
import { notBuiltPage, sendPage } from './pages.ts';

/** Paths of the host's own: what is not found there is not a page. */
const OWN = /^\/(api|media|uploads|health|assets)(\/|$)/;

/** @param folderPath the built interface; absent where it has not been built */
export async function addInterface(app: FastifyInstance, folderPath: string): Promise<void> {
  const sendInterface = async (reply: FastifyReply) => {
    const html = await readFile(join(folderPath, 'index.html'), 'utf8').catch(() => null);
    if (html === null) return sendPage(reply, 503, notBuiltPage());
    const nonce = randomBytes(16).toString('base64');
    return reply
      .type('text/html; charset=utf-8')
      .headers({ 'cache-control': 'no-cache', 'content-security-policy': pagePolicy(nonce) })
      .send(html.replace(NONCE_PLACE, nonce));
  };
  await app.register(serveStatic, {
    root: join(folderPath, 'assets'),
    prefix: '/assets/',
    index: false,
    dotfiles: 'ignore',
    suppressWarning: true,
    // The build lays a smaller form beside what is worth it.
    preCompressed: true,
    // Their names hold the hash of what is in them.
    maxAge: '365d',
    immutable: true,
  });
  app.get('/icon.svg', async (_request, reply) =>
    reply.sendFile('icon.svg', folderPath, { maxAge: '1d', immutable: false }),
  );
  app.get('/', async (_request, reply) => sendInterface(reply));
  app.setNotFoundHandler(async (request, reply) => {
    const path = request.url.split('?')[0] ?? '';
    const isPage = request.method === 'GET' && (request.headers.accept ?? '').includes('text/html');
    if (isPage && !OWN.test(path)) return sendInterface(reply);
    throw new AppError('not-found', `There is no ${request.method} ${path.slice(0, 200)}.`);
  });
}
