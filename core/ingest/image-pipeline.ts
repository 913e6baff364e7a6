/**
 * From bytes that have arrived to committed samples: look (in worker processes), store, judge, commit in batches.
 * Every queue is bounded: `submit` waits while too many images are open, which is what slows fetching down.
 */

import { rm } from 'node:fs/promises';
import { AppError, toAppError } from '../../shared/errors.ts';
import { type InspectionAnswer, type InspectionLimits, undecoded } from '../../shared/inspection.ts';
import { BREAK_SUSPICION } from '../crawl/ledger-request.ts';
import type { RequestRepository } from '../crawl/request-repository.ts';
import type { Database } from '../db/database.ts';
import type { BlobStore } from '../store/blob-store.ts';
import type { ContentLock } from '../store/content-lock.ts';
import { trashUnreferenced } from '../store/discard-content.ts';
import type { ThumbnailStore } from '../store/thumbnail-store.ts';
import type { WorkerPool } from '../workers/worker-pool.ts';
import type { Arrival, Inspected } from './arrival.ts';
import { type IngestTarget, type IngestWriter, isDecoded } from './ingest-writer.ts';
import type { OpenJournal } from './open-journal.ts';

/** Images a worker opens in one task; see `reference/performance` on what a round trip costs. */
const BATCH_SIZE = 20;
/** Images settled in one transaction at most. */
const COMMIT_SIZE = 200;
/** How long a batch waits to fill while the workers are busy anyway. */
const LINGER_MS = 10;
/**
 * Deaths of a core after which the file that was open each time is set aside. From the second on it was open alone, for
 * as long as one decode takes, or the loading of a decoder before the first: a core that is killed at random again and
 * again does not meet one file so often. What a file can do to its worker process is counted there, and sooner.
 */
const DEATH_LIMIT = 10;

const SPACE_CHECK_MS = 2_000;

export interface PipelineOptions {
  readonly database: Database;
  readonly requests: RequestRepository;
  readonly writer: IngestWriter;
  readonly target: IngestTarget;
  readonly blobStore: BlobStore;
  readonly contentLock: ContentLock;
  readonly thumbnails: ThumbnailStore;
  /** Names of blobs that enter the store, until their rows are committed. */
  readonly adoptions: OpenJournal;
  /** Requests whose bytes a worker has open. */
  readonly attempts: OpenJournal;
  readonly workers: WorkerPool;
  readonly limits: InspectionLimits;
  /** Milliseconds one image may take to open. */
  readonly deadlineMs: number;
  /** Local files are linked into the store from where they are. */
  readonly link: boolean;
  /** New images this job may still add; Infinity without a limit. */
  readonly maxImages: number;
  readonly signal: AbortSignal;
  /** @throws AppError `disk-full` when the disk has less free space than the user wants kept */
  readonly requireSpace: () => Promise<void>;
  readonly onCommitted: (samplesAdded: number) => void;
}

export class ImagePipeline {
  readonly #options: PipelineOptions;
  readonly #maxOpen: number;
  readonly #maxBatches: number;
  #arrived: Arrival[] = [];
  #inspected: Inspected[] = [];
  #open = 0;
  #batches = 0;
  #committing = false;
  #lingering: NodeJS.Timeout | null = null;
  #error: unknown = null;
  #spaceCheckedAt = 0;
  #waiters: (() => void)[] = [];

  constructor(options: PipelineOptions) {
    this.#options = options;
    this.#maxBatches = options.workers.processCount * 2;
    this.#maxOpen = (this.#maxBatches + 2) * BATCH_SIZE + COMMIT_SIZE;
  }

  /** Images submitted and not yet settled. */
  get open(): number {
    return this.#open;
  }

  /** Hands over bytes that have arrived; waits while too many are open. @throws what broke the pipeline */
  async submit(arrival: Arrival): Promise<void> {
    while (this.#open >= this.#maxOpen && this.#error === null) await this.#change();
    if (this.#error !== null) throw this.#error;
    this.#open++;
    this.#arrived.push(arrival);
    this.#pump();
  }

  /** Resolves when nothing is open. @throws what broke the pipeline */
  async drained(): Promise<void> {
    while (this.#open > 0 && this.#error === null) await this.#change();
    if (this.#error !== null) throw this.#error;
  }

  /** Resolves when nothing moves any more, whatever went wrong: after it, nothing is written for this job. */
  async settled(): Promise<void> {
    this.#error ??= new AppError('cancelled', 'The pipeline was closed.');
    while (this.#batches > 0 || this.#committing) await this.#change();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  #changed(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const wake of waiters) wake();
  }

  #fail(error: unknown): void {
    this.#error ??= error;
    this.#changed();
  }

  #pump(): void {
    if (this.#error !== null) return;
    while (this.#arrived.length > 0 && this.#batches < this.#maxBatches) {
      if (this.#arrived.length < BATCH_SIZE && this.#batches > 0) {
        this.#linger();
        return;
      }
      this.#startBatch();
    }
  }

  #linger(): void {
    this.#lingering ??= setTimeout(() => {
      this.#lingering = null;
      if (this.#error !== null) return;
      if (this.#arrived.length > 0 && this.#batches < this.#maxBatches) this.#startBatch();
      this.#pump();
    }, LINGER_MS);
  }

  #startBatch(): void {
    const batch = this.#arrived.splice(0, BATCH_SIZE);
    this.#batches++;
    this.#inspect(batch)
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#batches--;
        this.#pump();
        this.#changed();
      });
  }

  #take(inspected: readonly Inspected[]): void {
    this.#inspected.push(...inspected);
    void this.#commit();
  }

  async #inspect(batch: readonly Arrival[]): Promise<void> {
    const known: Inspected[] = [];
    const unknown: Arrival[] = [];
    for (const arrival of batch) {
      const knownImageId = arrival.sha256 === null ? undefined : this.#options.writer.findImageId(arrival.sha256);
      if (knownImageId === undefined) unknown.push(arrival);
      else known.push({ arrival, sha256: arrival.sha256, knownImageId, answer: null });
    }
    const calm = unknown.filter((arrival) => arrival.request.suspicion === 0);
    const suspect = unknown.filter((arrival) => arrival.request.suspicion > 0);
    this.#take([...known, ...(await this.#inspectFiles(calm))]);
    // One by one, each on its way to its commit before the next is opened: a kill among them then costs one of them.
    for (const arrival of suspect) {
      if (this.#error !== null) return;
      if (arrival.request.suspicion % BREAK_SUSPICION >= DEATH_LIMIT) this.#take([setAside(arrival)]);
      else this.#take(await this.#inspectFiles([arrival]));
    }
  }

  /** Writes the attempts down, then lets a worker open the files. */
  async #inspectFiles(arrivals: readonly Arrival[]): Promise<Inspected[]> {
    if (arrivals.length === 0) return [];
    const { attempts, database, requests, workers, limits, deadlineMs, signal, link } = this.#options;
    const begun: number[] = [];
    const notes: Promise<void>[] = [];
    try {
      const answers = await workers.inspect(
        arrivals.map((arrival) =>
          arrival.sha256 !== null
            ? { path: arrival.path }
            : link
              ? { path: arrival.path, hash: true }
              : { path: arrival.path, copyTo: arrival.stagedPath },
        ),
        {
          limits,
          deadlineMs,
          signal,
          lane: 'arrivals',
          earlierBreaks: (index) => ((arrivals[index]?.request.suspicion ?? 0) >= BREAK_SUSPICION ? 1 : 0),
          onGiven: (indices) => {
            try {
              begun.push(attempts.begin(indices.map((index) => String(arrivals[index]?.request.id))));
            } catch (error) {
              this.#fail(toAppError(error));
            }
          },
          onBroken: (index) => {
            const arrival = arrivals[index];
            if (arrival === undefined) return;
            const note = database.write(() => requests.suspectBroken(arrival.request.id));
            notes.push(note.catch((error: unknown) => this.#fail(toAppError(error))));
          },
        },
      );
      return arrivals.map((arrival, index) => {
        const answer = answers[index] as InspectionAnswer;
        return { arrival, sha256: arrival.sha256 ?? answer.sha256 ?? null, knownImageId: null, answer };
      });
    } finally {
      await Promise.all(notes);
      for (const attempt of begun) attempts.end(attempt);
    }
  }

  async #commit(): Promise<void> {
    if (this.#committing) return;
    this.#committing = true;
    try {
      while (this.#inspected.length > 0 && this.#error === null) {
        const batch = this.#inspected.splice(0, COMMIT_SIZE);
        const left = await this.#commitBatch(batch);
        this.#inspected.unshift(...left);
        this.#open -= batch.length - left.length;
        this.#changed();
      }
    } catch (error) {
      this.#fail(toAppError(error));
    } finally {
      this.#committing = false;
      this.#changed();
    }
  }

  /** @returns what is to be tried again: files whose twin was to be stored for them and went away */
  async #commitBatch(batch: readonly Inspected[]): Promise<readonly Inspected[]> {
    if (Date.now() - this.#spaceCheckedAt > SPACE_CHECK_MS) {
      await this.#options.requireSpace();
      this.#spaceCheckedAt = Date.now();
    }
    const { adoptions, contentLock } = this.#options;
    let adoption: { readonly id: number; readonly sha256s: readonly string[] } | null = null;
    try {
      // From the choice of what is new to its commit, or a removal could take the blobs that rows are about to name.
      return await contentLock.share(async () => {
        const chosen = this.#choose(batch, await this.#lostBlobs(batch));
        const sha256s = chosen.store.map((inspected) => inspected.sha256 as string);
        adoption = { id: adoptions.begin(sha256s), sha256s };
        const left = await this.#commitChosen(batch, chosen);
        adoptions.end(adoption.id);
        return left;
      });
    } catch (error) {
      if (adoption !== null) await this.#undo(adoption);
      throw error;
    }
  }

  /** What a failed commit has put into the store goes to the trash; what cannot go now, the next core looks at. */
  async #undo(adoption: { readonly id: number; readonly sha256s: readonly string[] }): Promise<void> {
    try {
      await trashUnreferenced(this.#options, adoption.sha256s);
      this.#options.adoptions.end(adoption.id);
    } catch {
      // The disk that failed the commit fails this too: the journal keeps the names.
    }
  }

  async #commitChosen(
    batch: readonly Inspected[],
    { store, settle, lost }: { store: readonly Inspected[]; settle: readonly Inspected[]; lost: Inspected[] },
  ): Promise<readonly Inspected[]> {
    const { blobStore, database, link, requests, target, thumbnails, writer } = this.#options;
    const linked = link ? store.filter((inspected) => inspected.arrival.sha256 === null) : [];
    const adopted = store.filter((inspected) => !linked.includes(inspected));
    const gone = new Set<Inspected>();
    await blobStore.adoptMany(adopted.map((inspected) => this.#staged(inspected)));
    if (linked.length > 0) {
      const outcomes = await blobStore.linkMany(
        linked.map((inspected) => ({ ...this.#staged(inspected), sourcePath: inspected.arrival.path })),
      );
      for (const [index, outcome] of outcomes.entries()) {
        if (outcome === 'changed' || outcome === 'missing') gone.add(linked[index] as Inspected);
      }
    }
    const goneHashes = new Set(Array.from(gone, (inspected) => inspected.sha256));
    const left = settle.filter((inspected) => !gone.has(inspected) && goneHashes.has(inspected.sha256));
    const held = new Set([...gone, ...left]);
    const lostNow: Inspected[] = [];
    const committed = await database.write(() => {
      lostNow.length = 0;
      // Rows can go between the choice and this transaction; blobs cannot.
      for (const inspected of settle) if (!held.has(inspected) && this.#isLost(inspected)) lostNow.push(inspected);
      const result = writer.commit(settle.filter((inspected) => !held.has(inspected) && !lostNow.includes(inspected)));
      for (const inspected of gone) {
        const reason = 'file-missing';
        if (requests.settle(inspected.arrival.request.id, { state: 'failed', reason })) {
          target.tally.add({ fetched: 1, failed: 1 }, reason);
        }
      }
      return result;
    });
    const again = [...lost, ...lostNow];
    if (committed.thumbnails.length > 0) thumbnails.putMany(committed.thumbnails);
    const kept = new Set([...adopted, ...left, ...again]);
    await Promise.all(
      batch
        .filter((inspected) => !kept.has(inspected))
        .map((inspected) => rm(inspected.arrival.stagedPath, { force: true })),
    );
    this.#options.onCommitted(committed.samplesAdded);
    this.#lookAgain(again);
    return left;
  }

  /** Whether this counted on a row of the library that is gone. */
  #isLost({ knownImageId, sha256 }: Inspected): boolean {
    return knownImageId !== null && this.#options.writer.findImageId(sha256 as string) !== knownImageId;
  }

  /** Files that were not opened because the library had their content, which has since been removed. */
  #lookAgain(lost: readonly Inspected[]): void {
    if (lost.length === 0) return;
    this.#open += lost.length;
    this.#arrived.push(...lost.map((inspected) => inspected.arrival));
    this.#pump();
  }

  #staged({ arrival, answer, sha256, knownImageId }: Inspected): {
    stagingPath: string;
    sha256: string;
    sizeBytes: number;
  } {
    const sizeBytes = answer?.inspection.sizeBytes ?? this.#options.writer.sizeBytesOf(knownImageId as number);
    return { stagingPath: arrival.stagedPath, sha256: sha256 as string, sizeBytes };
  }

  /** Hashes of known content whose file has gone missing: the bytes are at hand, so they are stored again. */
  async #lostBlobs(batch: readonly Inspected[]): Promise<ReadonlySet<string>> {
    const { blobStore, writer } = this.#options;
    const lost = new Set<string>();
    await Promise.all(
      batch.map(async ({ sha256, knownImageId }) => {
        if (sha256 === null || (knownImageId ?? writer.findImageId(sha256)) === undefined) return;
        if (!(await blobStore.has(sha256))) lost.add(sha256);
      }),
    );
    return lost;
  }

  /**
   * Which images are stored, and which requests are settled: past the limit on new images a request stays waiting.
   * Commits are one at a time, so what is counted here is what will hold.
   */
  #choose(
    batch: readonly Inspected[],
    lostBlobs: ReadonlySet<string>,
  ): { store: Inspected[]; settle: Inspected[]; lost: Inspected[] } {
    const { maxImages, target, writer } = this.#options;
    const seen = new Set<string>();
    const healed = new Set<string>();
    const store: Inspected[] = [];
    const settle: Inspected[] = [];
    const lost: Inspected[] = [];
    let room = maxImages - target.tally.kept;
    for (const inspected of batch) {
      const { answer, sha256 } = inspected;
      if (answer !== null && !isDecoded(answer.inspection)) {
        settle.push(inspected);
        continue;
      }
      if (this.#isLost(inspected)) {
        lost.push(inspected);
        continue;
      }
      const imageId = inspected.knownImageId ?? writer.findImageId(sha256 as string);
      const isNew = !seen.has(sha256 as string) && (imageId === undefined || !writer.hasSample(imageId));
      if (isNew) {
        if (room <= 0) continue;
        room--;
        seen.add(sha256 as string);
        if (imageId === undefined) store.push(inspected);
      }
      if (imageId !== undefined && lostBlobs.has(sha256 as string) && !healed.has(sha256 as string)) {
        healed.add(sha256 as string);
        store.push(inspected);
      }
      settle.push(inspected);
    }
    return { store, settle, lost };
  }
}

function setAside(arrival: Arrival): Inspected {
  return {
    arrival,
    sha256: arrival.sha256,
    knownImageId: null,
    answer: {
      thumbnail: null,
      inspection: undecoded({
        integrity: 'unreadable',
        reason: 'poisoned',
        detail: 'It was open each time PixCrawler ended unexpectedly.',
        format: 'unknown',
        sizeBytes: 0,
      }),
    },
  };
}
