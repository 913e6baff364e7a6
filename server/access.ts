/**
 * Who may ask, and from where. Every request passes here first: a page of another site, a name that was rebound to this
 * machine, and a program without the token all end here.
 */

import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../shared/errors.ts';
import { sendPage, signInPage } from './pages.ts';

const SESSION_MS = 30 * 24 * 60 * 60 * 1000;
const LOOPBACK_NAMES = ['127.0.0.1', 'localhost', '[::1]'];

export interface AccessOptions {
  /** What a bearer, or the first address that is opened, must name. */
  readonly token: string;
  /** Signs sessions, so that they outlive a restart of the host. */
  readonly sessionKey: Buffer;
  /** The address that is listened on, as given. */
  readonly host: string;
  readonly now?: () => number;
}

/** Adds the checks to every route that is registered after it. */
export function guardAccess(app: FastifyInstance, options: AccessOptions): void {
  const now = options.now ?? Date.now;
  app.addHook('onRequest', async (request, reply) => {
    requireHost(request, options.host);
    requireOrigin(request);
    const mark = request.url.indexOf('?');
    const path = mark < 0 ? request.url : request.url.slice(0, mark);
    const parameters = new URLSearchParams(mark < 0 ? '' : request.url.slice(mark));
    const given = parameters.get('token');
    if (given !== null && request.method === 'GET') {
      if (!isSame(given, options.token)) return refuse(request, reply);
      parameters.delete('token');
      const rest = parameters.size === 0 ? '' : `?${parameters}`;
      reply.header('set-cookie', sessionCookie(request, options.sessionKey, now() + SESSION_MS));
      // Out of the address bar, the history and whatever reads them.
      return reply.redirect(`${ownPath(path)}${rest}`, 303);
    }
    if (path === '/health' || isLetIn(request, options, now())) return;
    return refuse(request, reply);
  });
}

/** A path that stays here: two slashes, or a slash and a backslash, would lead to another host. */
function ownPath(path: string): string {
  return `/${path.replace(/^[/\\]+/, '')}`;
}

/** Against DNS rebinding: a page that made its own name mean this machine still sends that name. */
function requireHost(request: FastifyRequest, listeningHost: string): void {
  const given = request.headers.host ?? '';
  const name = given.replace(/:\d+$/, '').toLowerCase();
  const port = given.slice(name.length + 1) || '80';
  const isLoopback = isLoopbackHost(listeningHost);
  const isKnown =
    LOOPBACK_NAMES.includes(name) ||
    name === listeningHost.toLowerCase() ||
    (!isLoopback && (isIP(name.replace(/^\[|\]$/g, '')) !== 0 || name === hostname().toLowerCase()));
  if (isKnown && Number(port) === request.socket.localPort) return;
  throw new AppError(
    'forbidden',
    `Expected a Host header that names this machine, got "${given.slice(0, 100)}". Open the address that PixCrawler printed.`,
  );
}

/** Against requests that pages of other sites make in the user's name. */
function requireOrigin(request: FastifyRequest): void {
  const { origin, host } = request.headers;
  if (origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`) {
    throw new AppError('forbidden', `Requests from "${origin.slice(0, 100)}" are not accepted.`);
  }
  const { 'sec-fetch-site': site, 'sec-fetch-mode': mode } = request.headers;
  // A link may lead here; its cookie does not come along. Another port of this machine is the same site, and its does.
  const isLink = mode === 'navigate' && request.method === 'GET';
  if ((site === 'cross-site' || site === 'same-site') && !isLink) {
    throw new AppError('forbidden', 'Requests that pages of other sites make are not accepted.');
  }
}

function isLetIn(request: FastifyRequest, { token, sessionKey }: AccessOptions, now: number): boolean {
  const [scheme, bearer] = (request.headers.authorization ?? '').split(' ');
  if (scheme?.toLowerCase() === 'bearer' && bearer !== undefined) return isSame(bearer, token);
  const name = cookieName(request);
  const pairs = (request.headers.cookie ?? '').split(/;\s*/);
  return pairs.some((pair) => pair.startsWith(`${name}=`) && isSession(pair.slice(name.length + 1), sessionKey, now));
}

function refuse(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const wantsPage = request.method === 'GET' && (request.headers.accept ?? '').includes('text/html');
  if (wantsPage) return sendPage(reply.header('connection', 'close'), 401, signInPage());
  throw new AppError(
    'unauthorized',
    'Expected the token that PixCrawler printed, as "Authorization: Bearer TOKEN" or in the address that is opened.',
  );
}

/** Cookies know no ports: hosts on different ones must not take each other's. */
function cookieName(request: FastifyRequest): string {
  return `pixcrawler-${request.socket.localPort}`;
}

function sessionCookie(request: FastifyRequest, sessionKey: Buffer, endsAt: number): string {
  const parts = [
    `${cookieName(request)}=${endsAt}.${signature(sessionKey, endsAt)}`,
    'Path=/',
    'HttpOnly',
    'SameSite=Strict',
    `Max-Age=${SESSION_MS / 1000}`,
  ];
  if (request.protocol === 'https') parts.push('Secure');
  return parts.join('; ');
}

function isSession(value: string, sessionKey: Buffer, now: number): boolean {
  const [endsAt = '', given = ''] = value.split('.');
  return /^\d{1,16}$/.test(endsAt) && Number(endsAt) > now && isSame(given, signature(sessionKey, Number(endsAt)));
}

function signature(sessionKey: Buffer, endsAt: number): string {
  return createHmac('sha256', sessionKey).update(`session until ${endsAt}`).digest('base64url');
}

/** Takes as long whatever differs. */
function isSame(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

/** Whether only programs of this machine can reach what listens there. */
export function isLoopbackHost(host: string): boolean {
  const name = host.replace(/^\[|\]$/g, '').toLowerCase();
  return name === 'localhost' || name === '::1' || /^127(\.\d{1,3}){3}$/.test(name);
}
