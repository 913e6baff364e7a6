/** From images that were looked at to blobs in the store and rows that name them, a batch at a time. */

import { rm } from 'node:fs/promises';
import type { RequestRepository } from '../crawl/request-repository.ts';
import type { Database } from '../db/database.ts';
import type { ImageRepository } from '../images/image-repository.ts';
import type { BlobStore } from '../store/blob-store.ts';
import type { ContentLock } from '../store/content-lock.ts';
import { trashUnreferenced } from '../store/discard-content.ts';
import type { ThumbnailStore } from '../store/thumbnail-store.ts';
import type { Inspected } from './arrival.ts';
import { type IngestTarget, type IngestWriter, isDecoded } from './ingest-writer.ts';
import type { OpenJournal } from './open-journal.ts';

const SPACE_CHECK_MS = 2_000;

export interface CommitOptions {
  readonly database: Database;
  readonly requests: RequestRepository;
  readonly images: ImageRepository;
  readonly writer: IngestWriter;
  readonly target: IngestTarget;
  readonly blobStore: BlobStore;
  readonly contentLock: ContentLock;
  readonly thumbnails: ThumbnailStore;
  /** Names of blobs that enter the store, until their rows are committed. */
  readonly adoptions: OpenJournal;
  /** Local files are linked into the store from where they are. */
  readonly link: boolean;
  /** New images this job may still add; Infinity without a limit. */
  readonly maxImages: number;
  /** @throws AppError `disk-full` when the disk has less free space than the user wants kept */
  readonly requireSpace: () => Promise<void>;
  readonly onCommitted: (samplesAdded: number) => void;
}

interface CommitOutcome {
  /** To be committed again: files whose twin was to be stored for them and went away. */
  readonly left: readonly Inspected[];
  /** To be looked at again: files that were not opened because the library had their content, which has since been removed. */
  readonly lost: readonly Inspected[];
}

export class BatchCommitter {
  readonly #options: CommitOptions;
  #spaceCheckedAt = 0;

  constructor(options: CommitOptions) {
    this.#options = options;
  }

  /** Commits are one at a time: the next may begin when this has ended. */
  async commit(batch: readonly Inspected[]): Promise<CommitOutcome> {
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
        const outcome = await this.#commitChosen(batch, chosen);
        adoptions.end(adoption.id);
        return outcome;
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
  ): Promise<CommitOutcome> {
    const { blobStore, database, link, requests, target, thumbnails, writer } = this.#options;
    const linked = link ? store.filter(({ arrival }) => arrival.path !== arrival.stagedPath) : [];
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
    // What an archive gave for a request that stays waiting is asked for again when there is room.
    const unpacked = batch.filter((each) => isUnpacked(each) && !settle.includes(each));
    const kept = new Set([...adopted, ...left, ...again, ...unpacked]);
    await Promise.all(
      batch
        .filter((inspected) => !kept.has(inspected))
        .map((inspected) => rm(inspected.arrival.stagedPath, { force: true })),
    );
    this.#options.onCommitted(committed.samplesAdded);
    return { left, lost: again };
  }

  /** Whether this counted on a row of the library that is gone. */
  #isLost({ knownImageId, sha256 }: Inspected): boolean {
    return knownImageId !== null && this.#options.writer.findImageId(sha256 as string) !== knownImageId;
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

/** Whether its file came out of an archive. */
function isUnpacked({ arrival }: Inspected): boolean {
  return arrival.sha256 === null && arrival.path === arrival.stagedPath;
}
