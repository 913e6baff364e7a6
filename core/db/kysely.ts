import type SqliteDatabase from 'better-sqlite3';
import { Kysely, SqliteDialect } from 'kysely';
import type { DatabaseSchema } from './schema.ts';

/** A query builder that shares an open connection and never closes it. */
export function createKysely(connection: SqliteDatabase.Database): Kysely<DatabaseSchema> {
  return new Kysely<DatabaseSchema>({ dialect: new SqliteDialect({ database: connection }) });
}
