/** Looks the library over, and repairs what can be repaired without losing anything. */

import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { DoctorReport } from '../../shared/contract/doctor.ts';
import type { CoreServices } from '../core-services.ts';
import { trashUnreferenced } from '../store/discard-content.ts';
import { freeBytes } from '../store/disk.ts';
import { repairFinding, type ScrubSummary, type StoreFinding, scrubStore } from '../store/scrub.ts';
import { DoctorRepository } from './doctor-repository.ts';
import { LostFiles } from './lost-files.ts';

type Check = DoctorReport['checks'][number];

/** Images re-hashed when not all are. */
const SAMPLE_SIZE = 200;
/** Files named one by one. */
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
  return problem('ok', name, message);
}

function problem(state: Check['state'], name: string, message: string): Check {
  return { name, state, message, repaired: null, repairable: false, remedy: null, affected: [] };
}

function checkNode(): Check {
  const version = process.versions.node;
  if (Number.parseInt(version, 10) >= 24) return ok('node', `Node ${version} with ${availableParallelism()} cores.`);
  return problem('error', 'node', `Expected Node 24 or newer, got ${version}.`);
}

async function checkDatabase(services: CoreServices): Promise<Check> {
  const verdict = await services.database.integrityCheck();
  if (verdict === 'ok') return ok('database', 'SQLite finds nothing wrong.');
  return {
    ...problem('error', 'database', `SQLite says: ${verdict.slice(0, 500)}.`),
    remedy: `Restore the newest backup in ${services.directory.backupsPath}.`,
  };
}

async function checkDisk(services: CoreServices): Promise<Check> {
  const free = await freeBytes(services.directory.root);
  const floor = services.settings.value('storage.minFreeBytes');
  const gigabytes = (free / 1e9).toFixed(1);
  if (free >= floor) return ok('disk', `${gigabytes} GB are free.`);
  return {
    ...problem('warning', 'disk', `${gigabytes} GB are free; jobs rest under ${(floor / 1e9).toFixed(1)} GB.`),
    remedy: 'Free some space.',
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
    return problem('error', 'workers', message);
  }
}

async function checkStore(
  services: CoreServices,
  rows: DoctorRepository,
  options: { all: boolean; repair: boolean },
): Promise<Check[]> {
  const { blobStore, contentLock } = services;
  const count = await rows.countImages();
  const lost = new LostFiles(rows);
  const strays: string[] = [];
  const repaired = { corrupt: 0, orphan: 0 };
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
      if (finding.kind === 'missing') await lost.add(finding.sha256, 'file-missing');
      else if (finding.kind === 'stray') {
        if (strays.length < NAMED) strays.push(finding.path);
      } else {
        if (finding.kind === 'corrupt') await lost.add(finding.sha256, 'file-damaged');
        if (options.repair && (await repair(services, finding))) repaired[finding.kind] += 1;
      }
    },
  });
  await lost.flush();
  return [
    storeCheck(services, summary, lost, options.repair ? repaired.corrupt : null),
    orphanCheck(services, summary, strays, options.repair ? repaired.orphan : null),
    await unusedCheck(rows),
  ];
}

/** @param setAside damaged files that were; null when repairs were not asked for */
function storeCheck(
  { directory }: CoreServices,
  summary: ScrubSummary,
  lost: LostFiles,
  setAside: number | null,
): Check {
  const { checked, rehashed, missing, corrupt } = summary;
  const looked = `${checked} stored images looked for, ${rehashed} of them read and hashed`;
  if (missing + corrupt === 0) return ok('store', `${looked}; all are there and whole.`);
  const where = lost.words() === '' ? '' : ` They are ${lost.words()}.`;
  const repairable = setAside === null && corrupt > 0;
  const first = repairable ? 'Repair sets the damaged files aside. Then import' : 'Import';
  return {
    ...problem('error', 'store', `${looked}; ${missing} missing, ${corrupt} with wrong bytes.${where}`),
    repaired:
      setAside === null || setAside === 0
        ? null
        : `${files(setAside)} with wrong bytes moved to ${directory.quarantinePath}, where nothing deletes ${setAside === 1 ? 'it' : 'them'}.`,
    repairable,
    remedy: `${first} the files again, or crawl where they came from again: content that is known gets its file back, and samples keep what was decided about them.`,
    affected: [...lost.named],
  };
}

/** @param moved those that were; null when repairs were not asked for */
function orphanCheck(
  { directory }: CoreServices,
  summary: ScrubSummary,
  strays: readonly string[],
  moved: number | null,
): Check {
  const { orphans } = summary;
  if (orphans + summary.strays === 0) return ok('orphans', 'Every stored file has its row.');
  const said = [
    ...(orphans === 0 ? [] : [`${files(orphans)} in the store that no sample refers to.`]),
    ...(summary.strays === 0
      ? []
      : [
          `${files(summary.strays)} that PixCrawler did not put there, and leaves alone, such as ${strays.join(', ')}.`,
        ]),
  ];
  const repairable = moved === null && orphans > 0;
  const day = join(directory.trashPath, new Date().toISOString().slice(0, 10));
  return {
    ...problem('warning', 'orphans', said.join(' ')),
    repaired:
      moved === null || moved === 0
        ? null
        : `${files(moved)} that no sample refers to moved to ${day}, to be deleted after a week. To have them back, import that folder.`,
    repairable,
    remedy: repairable ? 'Repair moves what no sample refers to into the trash, where it stays for a week.' : null,
  };
}

async function unusedCheck(rows: DoctorRepository): Promise<Check> {
  const lost = await rows.countUnused();
  if (lost === 0) return ok('images', 'Every image belongs to a dataset.');
  return problem('warning', 'images', `${lost} images belong to no dataset.`);
}

function files(count: number): string {
  return count === 1 ? '1 file' : `${count} files`;
}

/** Mends a finding if it still is one: a job may have taken the same content in since. @returns whether anything was done */
async function repair(
  services: CoreServices,
  finding: Extract<StoreFinding, { kind: 'orphan' | 'corrupt' }>,
): Promise<boolean> {
  const { blobStore, contentLock } = services;
  if (finding.kind === 'orphan') return (await trashUnreferenced(services, [finding.sha256])) === 1;
  return contentLock.exclude(async () => {
    if ((await blobStore.verify(finding.sha256)) !== 'corrupt') return false;
    return repairFinding(blobStore, finding);
  });
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
    ...problem('warning', 'counts', `${wrong} counts differ from the rows they count.`),
    repaired: repair ? 'They were counted again.' : null,
    repairable: !repair,
    remedy: repair ? null : 'Repair counts them again.',
  };
}
