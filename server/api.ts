/** The contract as a REST API, with its OpenAPI document and a page to read it. */

import { readFile } from 'node:fs/promises';
import { SmartCoercionPlugin } from '@orpc/json-schema';
import { OpenAPIGenerator } from '@orpc/openapi';
import { OpenAPIHandler } from '@orpc/openapi/fastify';
import { ZodToJsonSchemaConverter } from '@orpc/zod/zod4';
import type { FastifyInstance } from 'fastify';
import type { ContractRouter } from '../core/index.ts';
import { contract } from '../shared/contract/index.ts';
import { AppError } from '../shared/errors.ts';

const PREFIX = '/api/v1';
/** A decision may name a million samples by their ids. */
const BODY_LIMIT_BYTES = 16 * 1024 * 1024;
/** An idle stream says something so often: less than proxies and browsers wait. */
const KEEP_ALIVE_MS = 15_000;

export async function addApi(app: FastifyInstance, router: ContractRouter, version: string): Promise<void> {
  const converters = [new ZodToJsonSchemaConverter()];
  const handler = new OpenAPIHandler(router, {
    plugins: [new SmartCoercionPlugin({ schemaConverters: converters })],
    eventIteratorKeepAliveInterval: KEEP_ALIVE_MS,
    customErrorResponseBodyEncoder: ({ code, message, data }) => ({
      code,
      message,
      details: (data as { details?: unknown } | undefined)?.details ?? {},
    }),
  });
  let document: Promise<unknown> | null = null;
  const describe = () => {
    document ??= new OpenAPIGenerator({ schemaConverters: converters }).generate(contract, {
      info: { title: 'PixCrawler', version, description: 'Image datasets for training vision models.' },
      servers: [{ url: PREFIX }],
      security: [{ token: [] }],
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      customErrorResponseBodySchema: {
        type: 'object',
        required: ['code', 'message', 'details'],
        properties: {
          code: { type: 'string' },
          message: { type: 'string' },
          details: { type: 'object', additionalProperties: true },
        },
      },
    });
    return document;
  };

  await app.register(
    async (scope) => {
      scope.get('/openapi.json', async (_request, reply) => reply.type('application/json').send(await describe()));
      scope.get('/docs', async (_request, reply) =>
        reply.type('text/html; charset=utf-8').send(await docsFile('html')),
      );
      scope.get('/docs.js', async (_request, reply) => reply.type('text/javascript').send(await docsFile('js')));
      scope.get('/docs.css', async (_request, reply) => reply.type('text/css').send(await docsFile('css')));
      scope.all('/*', { bodyLimit: BODY_LIMIT_BYTES }, async (request, reply) => {
        const path = request.url.split('?')[0] ?? '';
        // What ends with a slash lacks a name after it, and is not what comes before it.
        const { matched } = path.endsWith('/')
          ? { matched: false }
          : await handler.handle(request, reply, { prefix: PREFIX, context: {} });
        if (!matched) throw new AppError('not-found', `There is no ${request.method} ${path.slice(0, 200)}.`);
      });
    },
    { prefix: PREFIX },
  );
}

/** The page that shows the document: three files beside this one, or beside the bundle. */
function docsFile(extension: 'html' | 'js' | 'css'): Promise<string> {
  return readFile(new URL(`./docs/docs.${extension}`, import.meta.url), 'utf8');
}
