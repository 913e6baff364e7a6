/** The ledger: one row per address of a job. "What remains" is always a query over it. */

import { hash } from 'node:crypto';
import type { Failure } from '../../shared/vocabulary.ts';
import type { Database } from '../db/database.ts';
import { Repository } from '../db/repository.ts';
import type { RequestKind } from '../db/schema.ts';
import {
  isImageKind,
  type LedgerRequest,
  type NewRequest,
  type RequestMeta,
  type Settlement,
  wasFetched,
} from './ledger-request.ts';
import { BREAK_SUSPICION } from './suspicion.ts';

interface RequestRow extends Omit<LedgerRequest, 'meta' | 'underWay'> {
  readonly meta: string | null;
}

/** Images, and pages, lists and the like. */
export interface RequestCount {
  readonly images: number;
  readonly pages: number;
}

interface RetryStep {
  readonly images: number;
  /** How many of the images had been fetched. */
  readonly fetched: number;
  readonly pages: number;
  readonly reasons: Readonly<Record<string, number>>;
  /** How many of the ids the step got through. */
  readonly taken: number;
}

/** What changes rows without number goes in steps of about this long, so that the core's thread is free in between. */
const STEP_MS = 3;
const ROWS_AT_A_TIME = 50;

const COLUMNS = `id, kind, url, site_id AS siteId, lane, depth, attempts, suspicion, due_at AS dueAt, meta`;

const WEB_KINDS: ReadonlySet<RequestKind> = new Set(['page', 'image', 'sitemap', 'api']);

/**
 * What makes a row of the ledger unique in its job. An address on the web has one row, whatever it was taken for: it stays
 * what it was found as first, and a page whose answer is an image becomes one. What lies on this machine is apart by kind,
 * since one path can be asked for as a list and as a file.
 *
 * Half of a SHA-256 is unique enough for any crawl, and half as large in the index.
 */
function digestOf(kind: RequestKind, url: string): Buffer {
  return hash('sha256', `${WEB_KINDS.has(kind) ? 'web' : kind}\n${url}`, 'buffer').subarray(0, 16);
}

function toRequest(row: RequestRow): LedgerRequest {
  return { ...row, meta: JSON.parse(row.meta ?? '{"source":"web"}') as RequestMeta };
}

export class RequestRepository extends Repository {
  readonly #siteIds = new Map<string, number>();
  /** Counts what went into the memory of sites. */
  #sitesLearnt = 0;

  constructor(database: Database, ownerId: string) {
    super(database, ownerId);
    // A write that is undone takes the rows with it that it made: what it put into the memory is forgotten with the rest.
    database.onBeforeCommit(
      () => undefined,
      () => {
        const learnt = this.#sitesLearnt;
        return () => {
          if (this.#sitesLearnt !== learnt) this.#siteIds.clear();
        };
      },
    );
  }

  /** The id of a site's row, made when it is missing. Call inside `database.write`. */
  siteId(site: string): number {
    const cached = this.#siteIds.get(site);
    if (cached !== undefined) return cached;
    const row = this.database
      .prepare<unknown[], { id: number }>(
        `INSERT INTO hosts (owner_id, site, updated_at) VALUES (?, ?, ?)
         ON CONFLICT (owner_id, site) DO UPDATE SET updated_at = updated_at RETURNING id`,
      )
      .get(this.ownerId, site, Date.now()) as { id: number };
    // A bounded memory of sites: a crawl that meets millions starts over now and then.
    if (this.#siteIds.size > 50_000) this.#siteIds.clear();
    this.#siteIds.set(site, row.id);
    this.#sitesLearnt++;
    return row.id;
  }

  siteName(id: number): string {
    return this.database.prepare<[number], { site: string }>('SELECT site FROM hosts WHERE id = ?').get(id)?.site ?? '';
  }

  /**
   * Adds addresses that the job does not know yet. Call inside `database.write`.
   * @returns how many were new, in all and by the id of their site
   */
  insertMany(jobId: number, requests: readonly NewRequest[]): RequestCount & { bySite: Map<number, RequestCount> } {
    const insert = this.database.prepare(
      `INSERT INTO requests (owner_id, job_id, kind, url, url_digest, site_id, lane, depth, meta)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    );
    const bySite = new Map<number, RequestCount>();
    let images = 0;
    let pages = 0;
    for (const request of requests) {
      const siteId = request.site === null ? 0 : this.siteId(request.site);
      const digest = digestOf(request.kind, request.url);
      const changes = insert.run(
        this.ownerId,
        jobId,
        request.kind,
        request.url,
        digest,
        siteId,
        request.lane,
        request.depth,
        JSON.stringify(request.meta),
      ).changes;
      if (changes === 0) continue;
      const before = bySite.get(siteId) ?? { images: 0, pages: 0 };
      if (isImageKind(request.kind)) {
        images++;
        bySite.set(siteId, { ...before, images: before.images + 1 });
      } else {
        pages++;
        bySite.set(siteId, { ...before, pages: before.pages + 1 });
      }
    }
    return { images, pages, bySite };
  }

  /**
   * Notes an address that another one led to as done, unless the job knows it. Call inside `database.write`.
   * @returns whether it was new
   */
  insertDone(jobId: number, from: LedgerRequest, url: string, site: string): boolean {
    const digest = digestOf(from.kind, url);
    return (
      this.database
        .prepare(
          `INSERT INTO requests (owner_id, job_id, kind, state, url, url_digest, site_id, lane, depth, settled_at)
           VALUES (?, ?, ?, 'done', ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
        )
        .run(this.ownerId, jobId, from.kind, url, digest, this.siteId(site), from.lane, from.depth, Date.now())
        .changes === 1
    );
  }

  /** Pages that a crawl started from and what they led to, as far as they were read. For a reader, as it may take long. */
  startPagesQuery(jobId: number): { sql: string; parameters: number[] } {
    return {
      sql: `SELECT url FROM requests WHERE job_id = ? AND kind = 'page' AND depth = 0 AND lane = 0 AND state = 'done'`,
      parameters: [jobId],
    };
  }

  /** How many addresses were asked of sites for what they name; not what a redirect led to. For a reader, as it may take long. */
  pagesTriedQuery(jobId: number): { sql: string; parameters: number[] } {
    return {
      sql: `SELECT count(*) AS count FROM requests
            WHERE job_id = ? AND kind IN ('page', 'sitemap', 'api') AND attempts > 0`,
      parameters: [jobId],
    };
  }

  /** Sites with waiting requests and how many those are, after an id. May take long on a large ledger: run it on a reader. */
  waitingSitesQuery(jobId: number, afterId: number, limit: number): { sql: string; parameters: number[] } {
    return {
      sql: `SELECT site_id AS siteId, sum(kind IN ('image', 'file')) AS images, sum(kind NOT IN ('image', 'file')) AS pages
            FROM requests INDEXED BY requests_waiting
            WHERE job_id = ? AND state = 'waiting' AND site_id > ? GROUP BY site_id ORDER BY site_id LIMIT ?`,
      parameters: [jobId, afterId, limit],
    };
  }

  /** The next waiting requests of a site in one lane, after an id. */
  waiting(jobId: number, siteId: number, lane: number, afterId: number, limit: number): LedgerRequest[] {
    return this.database
      .prepare<number[], RequestRow>(
        `SELECT ${COLUMNS} FROM requests
         WHERE job_id = ? AND site_id = ? AND lane = ? AND id > ? AND state = 'waiting' ORDER BY id LIMIT ?`,
      )
      .all(jobId, siteId, lane, afterId, limit)
      .map(toRequest);
  }

  get(id: number): LedgerRequest | undefined {
    const row = this.database.prepare<[number], RequestRow>(`SELECT ${COLUMNS} FROM requests WHERE id = ?`).get(id);
    return row === undefined ? undefined : toRequest(row);
  }

  /**
   * Ends a waiting request. Call inside `database.write`.
   * @returns false when it was settled before, so that nothing is counted twice
   */
  settle(id: number, settlement: Settlement): boolean {
    return (
      this.database
        .prepare(
          `UPDATE requests SET state = ?, reason = ?, detail = ?, http_status = ?, image_id = ?, settled_at = ?,
             attempts = attempts + 1
           WHERE id = ? AND state = 'waiting'`,
        )
        .run(
          settlement.state,
          settlement.reason ?? null,
          settlement.detail?.slice(0, 500) ?? null,
          settlement.httpStatus ?? null,
          settlement.imageId ?? null,
          Date.now(),
          id,
        ).changes === 1
    );
  }

  /** Whether a request is yet to be settled. */
  isWaiting(id: number): boolean {
    return (
      this.database
        .prepare<[number], { one: 1 }>(`SELECT 1 AS one FROM requests WHERE id = ? AND state = 'waiting'`)
        .get(id) !== undefined
    );
  }

  /** An address that was taken for a page brought an image. Call inside `database.write`. */
  becomeImage(id: number): void {
    this.database.prepare(`UPDATE requests SET kind = 'image' WHERE id = ?`).run(id);
  }

  /**
   * Forgets a waiting request, so that its address can be added as something else. Call inside `database.write`.
   * @returns false when it was settled before
   */
  forget(id: number): boolean {
    return this.database.prepare(`DELETE FROM requests WHERE id = ? AND state = 'waiting'`).run(id).changes === 1;
  }

  /**
   * Ends waiting requests of a site, as many as a few milliseconds allow. Call inside `database.write`, again and again
   * until it is done.
   * @returns how many images and pages that were, and whether none is left
   */
  settleSite(
    jobId: number,
    siteId: number,
    reason: Failure,
    detail: string,
  ): { images: number; pages: number; isDone: boolean } {
    const waiting = this.database.prepare<number[], { id: number; kind: RequestKind }>(
      `SELECT id, kind FROM requests WHERE job_id = ? AND site_id = ? AND state = 'waiting' LIMIT ${ROWS_AT_A_TIME}`,
    );
    const settle = this.database.prepare(
      `UPDATE requests SET state = 'failed', reason = ?, detail = ?, settled_at = ? WHERE id = ?`,
    );
    const endMs = performance.now() + STEP_MS;
    let images = 0;
    let pages = 0;
    for (;;) {
      const rows = waiting.all(jobId, siteId);
      for (const { id, kind } of rows) {
        settle.run(reason, detail, Date.now(), id);
        if (isImageKind(kind)) images++;
        else pages++;
      }
      const isDone = rows.length < ROWS_AT_A_TIME;
      if (isDone || performance.now() >= endMs) return { images, pages, isDone };
    }
  }

  /** Keeps a waiting request until a time; one that was settled meanwhile stays so. Call inside `database.write`. */
  defer(id: number, dueAt: number, attempts: number, reason: string): void {
    this.database
      .prepare("UPDATE requests SET due_at = ?, attempts = ?, reason = ? WHERE id = ? AND state = 'waiting'")
      .run(Math.round(dueAt), attempts, reason, id);
  }

  /** A worker process broke on this file: remember it across restarts. Call inside `database.write`. */
  suspectBroken(id: number): void {
    this.#suspect(id, BREAK_SUSPICION);
  }

  #suspect(id: number, points: number): void {
    this.database
      .prepare(`UPDATE requests SET suspicion = suspicion + ? WHERE id = ? AND state = 'waiting'`)
      .run(points, id);
  }

  /** Requests that a dead core left open are suspect from now on and will be opened alone. @param points by request */
  async suspectMany(points: ReadonlyMap<number, number>): Promise<void> {
    await this.database.write(() => {
      for (const [id, added] of points) this.#suspect(id, added);
    });
  }

  /**
   * Ids of failed requests after one, in order, each a row of one column: for a reader, as it may take long.
   * @param only a reason; all failed ones when undefined
   */
  failedIdsQuery(
    jobId: number,
    only: string | undefined,
    afterId: number,
    limit: number,
  ): { sql: string; parameters: (string | number | null)[] } {
    return {
      sql: `SELECT id FROM requests INDEXED BY requests_failed
            WHERE job_id = ? AND state = 'failed' AND (? IS NULL OR reason = ?) AND id > ? ORDER BY id LIMIT ?`,
      parameters: [jobId, only ?? null, only ?? null, afterId, limit],
    };
  }

  /**
   * Puts failed requests back to waiting, as many as a few milliseconds allow. Call inside `database.write`, with the rest of
   * the ids again until it has taken all. Ids in order keep the rows of a step on few pages of the database.
   */
  retryFailed(ids: readonly number[]): RetryStep {
    const putBack = this.database.prepare<[number], { kind: RequestKind; reason: string }>(
      `UPDATE requests SET state = 'waiting', attempts = 0, suspicion = 0, due_at = 0, settled_at = NULL
       WHERE id = ? AND state = 'failed' RETURNING kind, reason`,
    );
    const endMs = performance.now() + STEP_MS;
    const reasons: Record<string, number> = {};
    const step = { images: 0, fetched: 0, pages: 0, taken: 0 };
    for (const id of ids) {
      if (step.taken % ROWS_AT_A_TIME === ROWS_AT_A_TIME - 1 && performance.now() >= endMs) break;
      step.taken++;
      const row = putBack.get(id);
      if (row === undefined) continue;
      reasons[row.reason] = (reasons[row.reason] ?? 0) + 1;
      if (!isImageKind(row.kind)) step.pages++;
      else {
        step.images++;
        if (wasFetched(row.reason)) step.fetched++;
      }
    }
    return { ...step, reasons };
  }

  /** Requests of a job by state, images apart from the rest. Reads the whole ledger: run it on a reader. */
  totalsQuery(jobId: number): { sql: string; parameters: number[] } {
    return {
      sql: `SELECT state, sum(kind IN ('image', 'file')) AS images, sum(kind NOT IN ('image', 'file')) AS pages
            FROM requests WHERE job_id = ? GROUP BY state`,
      parameters: [jobId],
    };
  }

  /**
   * What each second of a job brought, the newest first, for a reader: it reads the whole ledger.
   * @param beforeMs only seconds that began before
   */
  arrivalsQuery(jobId: number, beforeMs: number, limit: number): { sql: string; parameters: number[] } {
    return {
      sql: `SELECT r.settled_at / 1000 * 1000 AS at, count(*) AS fetched, sum(i.size_bytes) AS bytes
            FROM requests r JOIN images i ON i.id = r.image_id
            WHERE r.job_id = ? AND r.state = 'done' AND r.settled_at < ? GROUP BY 1 ORDER BY 1 DESC LIMIT ?`,
      parameters: [jobId, beforeMs, limit],
    };
  }

  /** A page of what failed or was refused, in the order it was found, for a reader. */
  settledQuery(
    jobId: number,
    state: 'failed' | 'refused',
    reason: string | undefined,
    afterId: number,
    limit: number,
  ): { sql: string; parameters: (string | number | null)[] } {
    return {
      sql: `SELECT id, url, kind, coalesce(reason, '') AS reason, detail, http_status AS httpStatus, attempts FROM requests
            WHERE job_id = ? AND state = '${state}' AND (? IS NULL OR reason = ?) AND id > ? ORDER BY id LIMIT ?`,
      parameters: [jobId, reason ?? null, reason ?? null, afterId, limit],
    };
  }

  /** The first images and files that failed from a moment on, in the order in which they did. */
  failedImages(
    jobId: number,
    sinceMs: number,
    limit: number,
  ): { readonly url: string; readonly reason: string; readonly detail: string | null }[] {
    return this.database
      .prepare<number[], { url: string; reason: string; detail: string | null }>(
        `SELECT url, reason, detail FROM requests INDEXED BY requests_failed
         WHERE job_id = ? AND state = 'failed' AND settled_at >= ? AND kind IN ('image', 'file')
         ORDER BY settled_at, id LIMIT ?`,
      )
      .all(jobId, sinceMs, limit);
  }

  /** The failed or refused request of a job that was settled last. */
  lastProblem(jobId: number, state: 'failed' | 'refused'): { url: string; reason: string; detail: string } {
    const row = this.database
      .prepare<[number], { url: string; reason: string; detail: string | null }>(
        `SELECT url, reason, detail FROM requests WHERE job_id = ? AND state = '${state}' ORDER BY settled_at DESC, id DESC LIMIT 1`,
      )
      .get(jobId);
    return { url: row?.url ?? '', reason: row?.reason ?? 'unreadable', detail: row?.detail ?? row?.reason ?? '' };
  }

  /** A site's stored consent or schedule; undefined when there is none. */
  siteRecord(site: string, column: 'consent' | 'schedule'): string | undefined {
    const row = this.database
      .prepare<[string, string], { value: string | null }>(
        `SELECT ${column} AS value FROM hosts WHERE owner_id = ? AND site = ?`,
      )
      .get(this.ownerId, site);
    return row?.value ?? undefined;
  }

  /** Call inside `database.write`. */
  saveSiteRecord(site: string, column: 'consent' | 'schedule', value: string): void {
    this.database
      .prepare(`UPDATE hosts SET ${column} = ?, updated_at = ? WHERE id = ?`)
      .run(value, Date.now(), this.siteId(site));
  }
}
