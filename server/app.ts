/** The host as an application, without a socket: routes, their order, and how errors leave. */

import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Core } from '../core/index.ts';
import { SECURITY_HEADERS } from '../shared/content-security-policy.ts';
import { AppError, toAppError } from '../shared/errors.ts';
import { type AccessOptions, guardAccess } from './access.ts';
import { addApi } from './api.ts';
import { addSecurityHeaders } from './headers.ts';
import { addInterface } from './interface.ts';
import {
  addLimits,
  answerBrokenRequest,
  CHECK_EVERY_MS,
  DEFAULT_LIMITS,
  type Limits,
  MAX_HEADER_BYTES,
} from './limits.ts';
import { addMedia } from './media.ts';
import { addUploads } from './uploads.ts';

export interface AppOptions extends AccessOptions {
  readonly core: Core;
  readonly version: string;
  /** The built interface. */
  readonly interfacePath: string;
  /** Default: DEFAULT_LIMITS. */
  readonly limits?: Limits;
}

const KEEP_ALIVE_MS = 30_000;

export async function createApp(options: AppOptions): Promise<FastifyInstance> {
  const { core } = options;
  const limits = options.limits ?? DEFAULT_LIMITS;
  const sendError = (thrown: unknown, request: FastifyRequest, reply: FastifyReply) => {
    const error = asAppError(thrown);
    if (error.code === 'internal') core.report(thrown);
    // What was not read is not waited for.
    if (!request.raw.complete) reply.header('connection', 'close');
    reply
      .status(error.status)
      .type('application/json')
      .send({ code: error.code, message: error.message, details: error.details });
  };
  const app = Fastify({
    logger: false,
    trustProxy: false,
    // Longer ones do not get past the limit of the headers.
    routerOptions: { maxParamLength: MAX_HEADER_BYTES },
    keepAliveTimeout: KEEP_ALIVE_MS,
    // Files that are sent take their time; `limits.ts` watches that they keep coming.
    requestTimeout: 0,
    forceCloseConnections: true,
    return503OnClosing: true,
    http: {
      headersTimeout: limits.headersMs,
      maxHeaderSize: MAX_HEADER_BYTES,
      connectionsCheckingInterval: Math.min(CHECK_EVERY_MS, limits.headersMs),
    },
    clientErrorHandler: answerBrokenRequest,
    // An address that cannot be read passes no hook.
    frameworkErrors: (error, request, reply) => sendError(error, request, reply.headers(SECURITY_HEADERS)),
  });
  app.setErrorHandler(sendError);
  // Without this a text would be taken for what it is not, a body of JSON.
  app.removeContentTypeParser('text/plain');
  addLimits(app, limits);
  addSecurityHeaders(app);
  guardAccess(app, options);

  app.get('/health', async (_request, reply) => {
    const { state } = await core.health();
    return reply.status(state === 'unhealthy' ? 503 : 200).send({ name: 'pixcrawler', state });
  });
  app.get('/health/detailed', async (_request, reply) => {
    const health = await core.health();
    return reply.status(health.state === 'unhealthy' ? 503 : 200).send({ ...health, version: options.version });
  });
  addMedia(app, await core.media());
  await addUploads(app, await core.uploads());
  await addApi(app, await core.router(), options.version);
  await addInterface(app, options.interfacePath);
  return app;
}

/** What Fastify itself refuses (a body too large, JSON that is none), in our words. */
function asAppError(thrown: unknown): AppError {
  const { statusCode, message } = thrown as { statusCode?: unknown; message?: unknown };
  if (thrown instanceof AppError || typeof statusCode !== 'number' || statusCode >= 500) return toAppError(thrown);
  const text = typeof message === 'string' ? message : 'The request could not be read.';
  if (statusCode === 413) return new AppError('payload-too-large', 'Expected a smaller body.', { cause: thrown });
  if (statusCode === 415) return new AppError('unsupported-media-type', 'Expected a body of JSON.', { cause: thrown });
  if (statusCode === 403) return new AppError('forbidden', 'Nothing is shown at this address.', { cause: thrown });
  if (statusCode === 404) return new AppError('not-found', text, { cause: thrown });
  return new AppError('bad-request', text, { cause: thrown });
}
