import type { Database } from './database.ts';

/** What every repository holds: the database and whose rows it sees. */
export abstract class Repository {
  protected readonly database: Database;
  readonly ownerId: string;

  constructor(database: Database, ownerId: string) {
    this.database = database;
    this.ownerId = ownerId;
  }
}
