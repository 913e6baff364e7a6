import type { FastifyInstance } from 'fastify';
import { SECURITY_HEADERS } from '../shared/content-security-policy.ts';

/** Adds them to every answer, refusals among them. */
export function addSecurityHeaders(app: FastifyInstance): void {
  app.addHook('onRequest', async (_request, reply) => {
    reply.headers(SECURITY_HEADERS);
  });
}
