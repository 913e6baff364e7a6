/** Where every procedure of the contract starts: errors leave as one of the table's codes. */

import { type ImplementerInternalWithMiddlewares, implement, ORPCError, type Router } from '@orpc/server';
import type { z } from 'zod';
import { contract } from '../shared/contract/index.ts';
import { AppError, toAppError } from '../shared/errors.ts';
import { inputWords } from '../shared/input-words.ts';
import type { Log } from './log.ts';

type NoContext = Record<never, never>;
type Contract = typeof contract;

export type Procedures = ImplementerInternalWithMiddlewares<Contract, NoContext, NoContext>;
/** The contract, or one feature's part of it, with its handlers. */
export type ContractRouter = Router<Contract, NoContext>;
export type FeatureRouter<Feature extends keyof Contract> = Router<Contract[Feature], NoContext>;

/** The contract, to be given handlers. What is unknown among what they throw is logged here and tells nothing outside. */
export function createProcedures(log: Log): Procedures {
  return implement(contract).use(async ({ next }, input) => {
    try {
      return await next();
    } catch (thrown) {
      if (thrown instanceof ORPCError && thrown.code !== 'INTERNAL_SERVER_ERROR') throw asBadRequest(thrown, input);
      const error = toAppError(thrown);
      if (error.code === 'internal') log.error(thrown);
      throw new ORPCError(error.code, {
        status: error.status,
        message: error.message,
        data: { details: error.details },
        cause: thrown,
      });
    }
  });
}

/** A page by keyset over rows with an id. */
export function pageOfRows<Row extends { readonly id: number }>(items: Row[], limit: number) {
  return { items, next: items.length < limit ? null : (items.at(-1)?.id ?? null) };
}

/** Input that does not fit the contract, in words: where, what was expected, what came. */
function asBadRequest(thrown: ORPCError<string, unknown>, input: unknown): ORPCError<string, unknown> {
  if (thrown.code !== 'BAD_REQUEST') return thrown;
  const { issues = [] } = (thrown.data ?? {}) as { issues?: readonly z.core.$ZodIssue[] };
  const error = new AppError('bad-request', issues.length === 0 ? thrown.message : inputWords(issues, input));
  return new ORPCError(error.code, { status: error.status, message: error.message, data: { details: {} } });
}
