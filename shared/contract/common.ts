/** Pieces every part of the contract uses. */

import { oc } from '@orpc/contract';
import { z } from 'zod';
import { ERROR_STATUS, type ErrorCode } from '../errors.ts';

/** Who may call: `user` is anyone who may use this library, `public` needs no token at all. */
export type AuthLevel = 'user' | 'public';

const errorMap = Object.fromEntries(
  Object.entries(ERROR_STATUS).map(([code, status]) => [
    code,
    { status, data: z.object({ details: z.record(z.string(), z.unknown()) }).optional() },
  ]),
) as {
  [code in ErrorCode]: {
    status: number;
    data: z.ZodOptional<z.ZodObject<{ details: z.ZodRecord<z.ZodString, z.ZodUnknown> }>>;
  };
};

/** Every procedure starts here: it carries the error table and the auth level. */
export const procedure = oc.$meta<{ auth: AuthLevel }>({ auth: 'user' }).errors(errorMap);

export const id = z.int().positive();
/** Milliseconds since the epoch. */
export const timestamp = z.int().nonnegative();
export const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 lower-case hexadecimal digits');
export const name = z
  .string()
  .trim()
  .min(1, 'expected a name of 1 to 100 characters')
  .max(100, 'expected a name of 1 to 100 characters')
  .refine((value) => !/\p{Cc}/u.test(value), 'expected a name without control characters');
/** A new name of what is also referred to as `#12`. */
export const referableName = name
  .refine(
    (value) => !/^#\d+$/.test(value),
    'expected another name: "#" and a number stands for whatever has that number',
  )
  // They make one name look like another.
  .refine(
    (value) => !/[\u202a-\u202e\u2066-\u2069]/.test(value),
    'expected a name without characters that turn the direction of writing',
  );

export const nothing = z.object({});

/** A page by keyset: pass `next` back as `after` until it is null. */
export const pageInput = z.object({
  after: z.int().nonnegative().default(0),
  limit: z.int().min(1).max(1000).default(200),
});
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), next: z.int().nullable() });
}
