/** Looks the library over, and repairs what can be repaired without losing anything. */

import { availableParallelism } from 'node:os';
import type { DoctorReport } from '../../shared/contract/doctor.ts';
import type { CoreServices } from '../core-services.ts';
import { trashUnreferenced } from '../store/discard-content.ts';
import { freeBytes } from '../store/disk.ts';
import { repairFinding, type StoreFinding, scrubStore } from '../store/scrub.ts';
import { DoctorRepository } from './doctor-repository.ts';

type Check = DoctorReport['checks'][number];

/** Images re-hashed when not all are. */
const SAMPLE_SIZE = 200;
/** Findings named one by one. */
const NAMED = 5;

export async function examine(
  services: CoreServices,
  options: { all: boolean; repair: boolean },
): Promise<DoctorReport> {
  const rows = new DoctorRepository(services.database, services.ownerId, services.reader);
  const checks: Check[] = [];
  checks.push(checkNode());
  checks.push(await checkDatabase(services));
  checks.push(await checkDisk(services));
  checks.push(await checkWorkers(services));
  checks.push(...(await checkStore(services, rows, options)));
  checks.push(await checkCounters(services, rows, options.repair));
  return { ok: checks.every((check) => check.state === 'ok'), checks };
}

function ok(name: string, message: string): Check {
  return { name, state: 'ok', message, repaired: null };
}

function checkNode(): Check {
  const version = process.versions.node;
  if (Number.parseInt(version, 10) >= 24) return ok('node', `Node ${version} with ${availableParallelism()} cores.`);
  return { name: 'node', state: 'error', message: `Expected Node 24 or newer, got ${version}.`, repaired: null };
}

async function checkDatabase(services: CoreServices): Promise<Check> {
  const verdict = await services.database.integrityCheck();
  if (verdict === 'ok') return ok('database', 'SQLite finds nothing wrong.');
  const message = `SQLite says: ${verdict.slice(0, 500)}. Restore the newest backup in ${services.directory.backupsPath}.`;
  return { name: 'database', state: 'error', message, repaired: null };
}

async function checkDisk(services: CoreServices): Promise<Check> {
  const free = await freeBytes(services.directory.root);
  const floor = services.settings.value('storage.minFreeBytes');
  const gigabytes = (free / 1e9).toFixed(1);
  if (free >= floor) return ok('disk', `${gigabytes} GB are free.`);
  return {
    name: 'disk',
    state: 'warning',
    message: `${gigabytes} GB are free; jobs rest under ${(floor / 1e9).toFixed(1)} GB. Free some space.`,
    repaired: null,
  };
}

async function checkWorkers(services: CoreServices): Promise<Check> {
  try {
    const workers = services.workers();
    await workers.run('group-near-duplicates', {
      pHashes: new Uint32Array(2),
      dHashes: new Uint32Array(2),
      maxDistance: 0,
      maxConfirmDistance: 64,
      areasPx: new Float64Array(1),
      sizesBytes: new Float64Array(1),
      sha256s: new Uint8Array(32),
      isProtected: new Uint8Array(1),
    });
    return ok('workers', `${workers.processCount} worker processes start and answer.`);
  } catch (error) {
    const message = `Worker processes do not start: ${error instanceof Error ? error.message : String(error)}`;
    return { name: 'workers', state: 'error', message, repaired: null };
  }
}

async function checkStore(
  services: CoreServices,
  rows: DoctorRepository,
  options: { all: boolean; repair: boolean },
): Promise<Check[]> {
  const { blobStore, contentLock } = services;
  const count = await rows.countImages();
  const findings: StoreFinding[] = [];
  let repairs = 0;
  const parts = Math.max(1, Math.floor(count / SAMPLE_SIZE));
  const summary = await scrubStore({
    store: blobStore,
    knownHashes: rows.streamHashes(),
    // Alone with the store: what was taken in before it was listed has its row by then, or is left over.
    hasRow: (sha256s) => contentLock.exclude(() => rows.knownHashes(sha256s)),
    rehash: options.all ? 'all' : { share: Math.floor(Math.random() * parts), of: parts },
    // While jobs run, what is young is left to them.
    orphanMinAgeMs: services.jobs.list({ states: ['active'] }, 0, 1).length === 0 ? 0 : 3_600_000,
    onFinding: async (finding) => {
      if (findings.length < NAMED) findings.push(finding);
      if (options.repair && (await repair(services, finding))) repairs++;
    },
  });
  const looked = `${summary.checked} stored images looked for, ${summary.rehashed} of them read and hashed`;
  const wrong = summary.missing + summary.corrupt;
  const store: Check =
    wrong === 0
      ? ok('store', `${looked}; all are there and whole.`)
      : {
          name: 'store',
          state: 'error',
          message: `${looked}; ${summary.missing} missing, ${summary.corrupt} with wrong bytes. ${named(findings)}`,
          repaired: options.repair && summary.corrupt > 0 ? `Files with wrong bytes were set aside.` : null,
        };
  const orphans: Check =
    summary.orphans + summary.strays === 0
      ? ok('orphans', 'Every stored file has its row.')
      : {
          name: 'orphans',
          state: 'warning',
          message: `${summary.orphans} stored files that no row refers to, ${summary.strays} that are not ours.`,
          repaired: repairs > 0 ? `${repairs} files went to the trash or quarantine.` : null,
        };
  const lost = await rows.countUnused();
  const unused: Check =
    lost === 0
      ? ok('images', 'Every image belongs to a dataset.')
      : { name: 'images', state: 'warning', message: `${lost} images belong to no dataset.`, repaired: null };
  return [store, orphans, unused];
}

/** Mends a finding if it still is one: a job may have taken the same content in since. @returns whether anything was done */
async function repair(services: CoreServices, finding: StoreFinding): Promise<boolean> {
  const { blobStore, contentLock } = services;
  if (finding.kind === 'orphan') return (await trashUnreferenced(services, [finding.sha256])) === 1;
  return contentLock.exclude(async () => {
    if (finding.kind === 'corrupt' && (await blobStore.verify(finding.sha256)) !== 'corrupt') return false;
    return repairFinding(blobStore, finding);
  });
}

function named(findings: readonly StoreFinding[]): string {
  const names = findings.map((finding) => ('sha256' in finding ? `${finding.kind} ${finding.sha256}` : finding.path));
  return `Such as: ${names.join(', ')}.`;
}

/** Counters against a count of the rows; they are made anew when they differ and repairs are wanted. */
async function checkCounters(services: CoreServices, rows: DoctorRepository, repair: boolean): Promise<Check> {
  const drifted: number[] = [];
  let wrong = 0;
  for (const { id } of await services.datasets.list()) {
    const drift = await rows.countDrift(id);
    if (drift === 0) continue;
    drifted.push(id);
    wrong += drift;
  }
  if (wrong === 0) return ok('counts', 'The counts kept are those of the rows.');
  if (repair) await services.counters.recount(drifted);
  return {
    name: 'counts',
    state: 'warning',
    message: `${wrong} counts differ from the rows they count.`,
    repaired: repair ? 'They were counted again.' : null,
  };
}
