/** The core's entry: what a host (desktop, server, command line) may import. */

import type { ContractRouterClient } from '@orpc/contract';
import type { contract } from '../shared/contract/index.ts';
import type { SampleSummary, SingleFilter } from '../shared/contract/samples.ts';
import { toAppError } from '../shared/errors.ts';
import type { CoreOptions } from './core.ts';
import type { Health } from './health/health.ts';
import { openLibrary } from './library.ts';
import type { Media } from './media/media.ts';
import type { ContractPort } from './port.ts';
import type { ContractRouter } from './procedures.ts';
import { dataDirectoryAt } from './store/data-directory.ts';
import { type OwnerAddress, readOwnerAddress } from './store/lock.ts';
import type { Uploads } from './uploads/uploads.ts';

export type { CoreOptions } from './core.ts';
export type { Health } from './health/health.ts';
export type { Media } from './media/media.ts';
export type { ContractPort } from './port.ts';
export type { ContractRouter } from './procedures.ts';
export type { Keychain } from './settings/secret-store.ts';
export type { OwnerAddress } from './store/lock.ts';
export type { Uploads } from './uploads/uploads.ts';
export type { HostedProcess, ProcessEvents, ProcessExit, ProcessHost } from './workers/process-host.ts';
export type CoreClient = ContractRouterClient<typeof contract>;

export interface Core {
  /** The contract, in process, loaded with the first call. Rejects with AppError. */
  readonly client: CoreClient;
  /** The grid's page straight from the database: the one read that is there before the contract is loaded. */
  page(filter: SingleFilter, after: number, limit: number): SampleSummary[];
  /** The contract with its handlers, for a host that serves it. */
  router(): Promise<ContractRouter>;
  /** Answers whoever has the other end of a port, until it closes. */
  answerPort(port: ContractPort): Promise<void>;
  /** Images and thumbnails as bytes. */
  media(): Promise<Media>;
  /** Files that a host received. */
  uploads(): Promise<Uploads>;
  health(): Promise<Health>;
  /**
   * Goes on with jobs that rest only because the core before this one ended: for a host that a person left running. Jobs that
   * a person paused stay paused.
   * @returns how many go on
   */
  resumeInterrupted(): Promise<number>;
  /**
   * Has jobs wait while the disk is too full, and go on by themselves when there is space again, if the setting
   * `storage.waitForSpace` says so: for a host that stays open. On others a job that the full disk stopped is paused.
   */
  watchDisk(): Promise<void>;
  /** Writes what a host met and cannot explain into the library's log. */
  report(error: unknown): void;
  /** Tells other programs of this user where this core answers, and what lets them in; null when it no longer does. */
  publishAddress(reachable: OwnerAddress | null): Promise<void>;
  /** Lets running jobs finish what is in flight, pauses them durably, ends worker processes, closes the database. */
  close(): Promise<void>;
}

/** A library's own upkeep starts this long after it was opened, so that it is in nobody's way. */
const UPKEEP_AFTER_MS = 10_000;
/** A host may run for weeks. */
const UPKEEP_EVERY_MS = 60 * 60 * 1000;

/**
 * Opens the library in a data directory for this process alone.
 * @throws AppError `in-use`, `unavailable`, `bad-request` or `conflict`
 */
export async function openCore(options: CoreOptions): Promise<Core> {
  const library = await openLibrary(options.dataDirectory, options.create);
  let started: ReturnType<typeof start> | null = null;
  async function start() {
    const { connect } = await import('./connect.ts');
    try {
      return await connect(library, options);
    } catch (error) {
      throw toAppError(error);
    }
  }
  const ready = () => {
    started ??= start();
    return started;
  };
  const ports = new Set<ContractPort>();
  const keepUp = async () => {
    try {
      await (await ready()).keepUp();
    } catch (error) {
      library.log.error(error);
    }
  };
  const upkeep = [setTimeout(keepUp, UPKEEP_AFTER_MS).unref(), setInterval(keepUp, UPKEEP_EVERY_MS).unref()];
  return {
    client: later(async () => (await ready()).client) as CoreClient,
    router: async () => (await ready()).router,
    answerPort: async (port) => {
      const [{ answerPort }, { router }] = await Promise.all([import('./port.ts'), ready()]);
      ports.add(port);
      answerPort(router, port, () => ports.delete(port));
    },
    media: async () => (await ready()).media,
    uploads: async () => (await ready()).uploads,
    health: async () => (await ready()).health(),
    resumeInterrupted: async () => (await ready()).resumeInterrupted(),
    watchDisk: async () => (await ready()).watchDisk(),
    report: (error) => library.log.error(error),
    publishAddress: (reachable) => library.publishAddress(reachable),
    page: (filter, after, limit) => library.samples.page(filter, after, limit),
    close: async () => {
      for (const timer of upkeep) clearTimeout(timer);
      // Whoever calls from now on is told nothing, rather than that something failed.
      for (const port of ports) port.close();
      try {
        // A start that failed has left nothing to close, and its caller has been told.
        const core = await started?.catch(() => null);
        await core?.close();
      } finally {
        await library.close();
      }
    },
  };
}

/** Where the core answers that has a data directory open; null when none does, or it cannot be reached. */
export function findOwner(dataDirectory: string): Promise<OwnerAddress | null> {
  return readOwnerAddress(dataDirectoryAt(dataDirectory).ownerPath);
}

type Callable = ((...parameters: unknown[]) => unknown) & { readonly [name: string]: Callable };

/** A tree of functions that is loaded when one of them is called. */
function later(load: () => Promise<unknown>, path: readonly string[] = []): unknown {
  return new Proxy(() => undefined, {
    // Not thenable: a client that is returned from an async function must not be awaited into.
    get: (_target, name) => (typeof name === 'symbol' || name === 'then' ? undefined : later(load, [...path, name])),
    apply: async (_target, _this, parameters: unknown[]) => {
      let procedure = (await load()) as Callable;
      for (const name of path) procedure = procedure[name] as Callable;
      return procedure(...parameters);
    },
  });
}
