/**
 * Lays files out for programs that take them by drag and drop. Not a job: it answers one gesture, is resumed by nobody, and
 * what it leaves can be made again. It lives as long as somebody follows it.
 */

import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DragRequest, StagingState } from '../../shared/contract/drags.ts';
import { AppError, toAppError } from '../../shared/errors.ts';
import type { CoreServices } from '../core-services.ts';
import type { ArchiveKind, ExportFormatName } from '../exports/export-types.ts';
import { type ExportOptions, runExport } from '../exports/run-export.ts';
import { requireFreeSpace } from '../store/disk.ts';
import { errorCode } from '../store/durable-file.ts';
import { KEY_LENGTH, type LyingFiles, planContent, planDrag, type StagingPlan } from './drag-plan.ts';
import { writePlainFiles } from './plain-files.ts';
import { findStaged, outFolderOf, recordStaged, type StagedFiles, stagedUse } from './staged-files.ts';

const HOUR_MS = 60 * 60 * 1000;
/** Staged files are kept so long after their last use: the same drag is then there at once. */
const KEPT_MS = 24 * HOUR_MS;
/** File managers copy late and slowly: what was used within this time stays, however much room it takes. */
const NEEDED_MS = 6 * HOUR_MS;
const MOST_BYTES = 16 * 1024 ** 3;
/** Between two messages about the same staging. */
const MESSAGE_EVERY_MS = 100;
/** Reading an export back is so much of its work. */
const CHECKING_SHARE = 0.3;

/** A staging that is under way, and who follows it. */
interface Running {
  readonly key: string;
  readonly abort: AbortController;
  readonly done: Promise<StagedFiles>;
  followers: number;
  progress: number;
}

export interface DragStagerOptions {
  readonly services: CoreServices;
  readonly version: string;
  /** Default `Date.now`. */
  readonly now?: () => number;
  /** How much may lie staged before what is no longer needed goes, in bytes. Default 16 GiB. */
  readonly mostBytes?: number;
}

export class DragStager {
  readonly #services: CoreServices;
  readonly #version: string;
  readonly #folderPath: string;
  readonly #now: () => number;
  readonly #mostBytes: number;
  readonly #running = new Set<Running>();
  /** Folders that this process builds in or removes. */
  readonly #partials = new Set<string>();
  #last: Promise<unknown> = Promise.resolve();

  constructor({ services, version, now = Date.now, mostBytes = MOST_BYTES }: DragStagerOptions) {
    this.#services = services;
    this.#version = version;
    this.#folderPath = services.directory.dragPath;
    this.#now = now;
    this.#mostBytes = mostBytes;
  }

  /**
   * Stages what is asked for, or finds it staged; the last message is `ready` or `failed`, none when the signal fires. Two who
   * ask for the same share the work, which ends when nobody follows it any more.
   * @throws AppError `not-found`, `conflict`; see `planDrag`
   */
  async stage(request: DragRequest, signal?: AbortSignal): Promise<AsyncGenerator<StagingState, void, void>> {
    return this.#follow(await planDrag(this.#services, this.#version, request), signal);
  }

  /**
   * Removes what a process left half done that is gone, what was not used for a day, and what is too much: the longest
   * unused first, never what may still be needed.
   */
  async sweep(): Promise<void> {
    const names = await readdir(this.#folderPath).catch((error: unknown) => {
      if (errorCode(error) === 'ENOENT') return [];
      throw error;
    });
    const kept: { readonly name: string; readonly usedAt: number; readonly bytes: number }[] = [];
    for (const name of names) {
      if (this.#partials.has(name)) continue;
      const use = await stagedUse(join(this.#folderPath, name));
      if (use === null || this.#now() - use.usedAt > KEPT_MS) await this.#removeUnused(name, KEPT_MS);
      else kept.push({ name, ...use });
    }
    let bytes = kept.reduce((sum, each) => sum + each.bytes, 0);
    for (const { name, ...each } of kept.sort((left, right) => left.usedAt - right.usedAt)) {
      if (bytes <= this.#mostBytes || this.#now() - each.usedAt <= NEEDED_MS) return;
      await this.#removeUnused(name, NEEDED_MS);
      bytes -= each.bytes;
    }
  }

  /** Ends what is under way. */
  async close(): Promise<void> {
    const running = [...this.#running];
    for (const { abort } of running) abort.abort();
    await Promise.allSettled(running.map(({ done }) => done));
  }

  async *#follow(
    plan: StagingPlan | LyingFiles,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<StagingState, void, void> {
    const { key } = plan;
    if ('path' in plan) {
      yield { state: 'ready', key, paths: [plan.path], iconSha256: null };
      return;
    }
    const staged = await this.#alone(() => findStaged(join(this.#folderPath, key)));
    if (staged !== null) {
      yield { state: 'ready', key, ...staged };
      return;
    }
    const running = this.#joinable(key) ?? this.#start(plan);
    running.followers += 1;
    const gone = Promise.withResolvers<'gone'>();
    const leave = () => gone.resolve('gone');
    signal?.addEventListener('abort', leave, { once: true });
    if (signal?.aborted === true) leave();
    try {
      for (;;) {
        const pause = delayed(MESSAGE_EVERY_MS);
        const first = await Promise.race([running.done, gone.promise, pause.promise]).finally(pause.clear);
        if (first === 'gone') return;
        if (first !== 'later') {
          yield { state: 'ready', key, ...first };
          return;
        }
        yield { state: 'staging', key, progress: running.progress };
      }
    } catch (thrown) {
      const { code, message } = toAppError(thrown);
      if (code === 'internal') this.#services.log.error(thrown);
      yield { state: 'failed', key, error: { code, message } };
    } finally {
      signal?.removeEventListener('abort', leave);
      running.followers -= 1;
      if (running.followers === 0) running.abort.abort();
    }
  }

  /** One that was given up still tidies up, and is not joined. */
  #joinable(key: string): Running | undefined {
    return [...this.#running].find((each) => each.key === key && !each.abort.signal.aborted);
  }

  #start(plan: StagingPlan): Running {
    const abort = new AbortController();
    const done = this.#build(plan, abort.signal, (progress) => {
      running.progress = Math.max(running.progress, progress);
    });
    const running: Running = { key: plan.key, abort, done, followers: 0, progress: 0 };
    this.#running.add(running);
    const end = () => this.#running.delete(running);
    done.then(end, end);
    return running;
  }

  /** Under another name until it is complete, so that whatever ends it earlier leaves nothing that could be dragged. */
  async #build(plan: StagingPlan, signal: AbortSignal, onProgress: (progress: number) => void): Promise<StagedFiles> {
    const { blobStore, samples, settings } = this.#services;
    const folderPath = join(this.#folderPath, plan.key);
    const partialName = this.#newPartial(plan.key);
    const partialPath = join(this.#folderPath, partialName);
    try {
      const out = outFolderOf(partialPath);
      await mkdir(out, { recursive: true, mode: 0o700 });
      await requireFreeSpace(out, settings.value('storage.minFreeBytes'), plan.bytes);
      const { layout } = plan;
      if (layout === 'files') {
        const target = join(out, plan.topName ?? '');
        await mkdir(target, { recursive: true });
        const content = await planContent(this.#services, this.#version, plan, partialPath, signal);
        await writePlainFiles({
          samples: content.samples,
          count: content.images,
          folderPath: target,
          pathOf: (sha256) => blobStore.pathOf(sha256),
          signal,
          onProgress: (images) => onProgress((100 * images) / plan.ids.length),
        });
      } else {
        await this.#export(plan, { ...exportOf(layout), outPath: join(out, plan.topName ?? '') }, signal, onProgress);
      }
      const [first] = samples.byIds(plan.ids.slice(0, 1));
      await recordStaged(partialPath, first?.sha256 ?? null);
      return await this.#alone(async () => {
        await this.#remove(plan.key);
        await rename(partialPath, folderPath);
        const staged = await findStaged(folderPath);
        if (staged === null) throw new Error(`Expected ${folderPath} as it was written.`);
        return staged;
      });
    } catch (thrown) {
      if (toAppError(thrown).code !== 'disk-full') throw thrown;
      // What it is laid out in is nobody's business, and there is no job that could be resumed.
      const { root } = this.#services.directory;
      const needed = `${Math.ceil(plan.bytes / 1024 / 1024).toLocaleString('en')} MiB`;
      throw new AppError(
        'disk-full',
        `The disk that holds ${root} has no room for the ${needed} to drag. Free some space and drag again.`,
        { cause: thrown },
      );
    } finally {
      await rm(partialPath, { recursive: true, force: true });
      this.#partials.delete(partialName);
      this.sweep().catch((error: unknown) => this.#services.log.error(error));
    }
  }

  /** What is staged is looked for, replaced and removed by one at a time. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  /** Removes a staging that was not used for so long, or is none. */
  async #removeUnused(name: string, unusedMs: number): Promise<void> {
    await this.#alone(async () => {
      const use = await stagedUse(join(this.#folderPath, name));
      if (use === null || this.#now() - use.usedAt > unusedMs) await this.#remove(name);
    });
  }

  /** It is gone when this returns; its files go while others have their turn. */
  async #remove(name: string): Promise<void> {
    const partialName = this.#newPartial(name);
    const path = join(this.#folderPath, partialName);
    try {
      await rename(join(this.#folderPath, name), path);
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
    }
    rm(path, { recursive: true, force: true })
      .catch((error: unknown) => this.#services.log.error(error))
      .finally(() => this.#partials.delete(partialName));
  }

  #newPartial(name: string): string {
    const partialName = `${name.slice(0, KEY_LENGTH)}.partial-${randomBytes(6).toString('hex')}`;
    this.#partials.add(partialName);
    return partialName;
  }

  async #export(
    plan: StagingPlan,
    target: Pick<ExportOptions, 'format' | 'archive' | 'outPath'>,
    signal: AbortSignal,
    onProgress: (progress: number) => void,
  ): Promise<void> {
    const { blobStore } = this.#services;
    const { leftOut } = await runExport({
      ...target,
      dataDirectory: null,
      content: (folderPath) => planContent(this.#services, this.#version, plan, folderPath, signal),
      pathOf: (sha256) => blobStore.pathOf(sha256),
      productVersion: this.#version,
      signal,
      onProgress: ({ phase, images }) => {
        const share = images / plan.ids.length;
        const done = phase === 'writing' ? share * (1 - CHECKING_SHARE) : 1 - CHECKING_SHARE * (1 - share);
        onProgress(100 * Math.min(done, 1));
      },
    });
    if (leftOut.images === 0) return;
    const [first] = leftOut.samples;
    throw new AppError(
      'not-found',
      `${leftOut.images} of the images cannot be dragged out: their stored files are missing or damaged${first === undefined ? '' : `, the first of them ${first.sha256}`}. Run the doctor ("pixcrawler doctor", or Health in the settings): it says how to get them back. Then drag again, or drag the others.`,
    );
  }
}

function exportOf(layout: Exclude<StagingPlan['layout'], 'files'>): { format: ExportFormatName; archive: ArchiveKind } {
  switch (layout) {
    case 'zip':
    case 'tar':
      return { format: 'imagefolder', archive: layout };
    case 'imagefolder':
    case 'csv':
    case 'jsonl':
      return { format: layout, archive: 'none' };
  }
}

function delayed(ms: number): { readonly promise: Promise<'later'>; clear(): void } {
  const { promise, resolve } = Promise.withResolvers<'later'>();
  const timer = setTimeout(resolve, ms, 'later' as const);
  return { promise, clear: () => clearTimeout(timer) };
}
