/** Looking at pictures: an import against C, two workers against one, processes against threads, and damage. */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createWorkerPool } from '../../core/workers/worker-pool.ts';
import { workerEnvironment } from '../../shared/worker-environment.ts';
import type { BenchContext } from '../harness/context.ts';
import { startHost } from '../harness/host.ts';
import { writeCopies } from '../harness/pictures.ts';
import { compileLimit, runProgram } from '../harness/programs.ts';
import { compare } from '../harness/rounds.ts';
import type { ThreadPoolHost } from '../hosts/thread-pool-host.ts';
import { DAMAGES } from '../limits/damage.ts';
import { startCore } from './collecting.ts';
import { comparisonLine, type Line, type Row } from './row.ts';

const IMPORT_IMAGES = 1000;
const INSPECT_IMAGES = 1000;
const WORKERS = 2;
const DAMAGED_IMAGES = 240;

async function measureImport(context: BenchContext): Promise<Line[]> {
  const program = compileLimit('inspect', context.folder, { usesJpeg: true });
  const pictures = await context.pictures();
  const core = await startCore(context.freshPath('import'));
  const folder = context.freshPath('pictures');
  const lists = Array.from({ length: WORKERS }, () => context.freshPath('list'));
  let madeFor = -1;
  let datasetId = 0;
  const makeFiles = (round: number): void => {
    if (madeFor === round) return;
    madeFor = round;
    context.remove(folder);
    const paths = writeCopies(pictures, folder, IMPORT_IMAGES, context.freshNumbers(IMPORT_IMAGES));
    for (const [index, list] of lists.entries()) {
      writeFileSync(list, paths.filter((_, at) => at % WORKERS === index).join('\n'));
    }
  };
  try {
    const outcome = await compare({
      ours: {
        name: 'import',
        prepare: async (round) => {
          makeFiles(round);
          datasetId = await core.call('makeDataset', `round ${round}`);
        },
        run: async () => {
          const { counts, error } = await core.call('import', {
            datasetId,
            paths: [folder],
            labelsFrom: 'none',
            mode: 'copy',
          });
          const kept = counts.accepted + counts.quarantined;
          if (kept !== IMPORT_IMAGES) throw new Error(`The import kept ${kept} of ${IMPORT_IMAGES}: ${error?.message}`);
          return { units: IMPORT_IMAGES };
        },
      },
      limit: {
        name: 'C',
        prepare: makeFiles,
        run: async () => {
          await Promise.all(lists.map((list) => runProgram(program, [list])));
          return { units: IMPORT_IMAGES };
        },
      },
      rounds: context.rounds,
      onRound: (text) => context.say(text),
    });
    return [
      comparisonLine(
        {
          what: 'import and inspect',
          against: 'a C program, 2 processes',
          goal: { better: 'higher', floor: 0.55, aim: 0.75 },
          unitName: 'image',
        },
        outcome,
      ),
    ];
  } finally {
    await core.close();
  }
}

function soundCount(answers: readonly { readonly inspection: { readonly integrity: string } }[]): number {
  return answers.filter(({ inspection }) => inspection.integrity === 'ok').length;
}

async function measureScaling(context: BenchContext): Promise<Line[]> {
  const paths = writeCopies(await context.pictures(), context.freshPath('pictures'), INSPECT_IMAGES, 0);
  const requests = paths.map((path) => ({ path }));
  const one = createWorkerPool({ processes: 1 });
  const two = createWorkerPool({ processes: 2 });
  const side = (name: string, pool: typeof one) => ({
    name,
    run: async () => ({ units: soundCount(await pool.inspect(requests)) }),
  });
  try {
    const outcome = await compare({
      ours: side('2 workers', two),
      limit: side('1 worker', one),
      rounds: context.rounds,
      cpuMayDecide: false,
      onRound: (text) => context.say(text),
    });
    return [
      comparisonLine(
        {
          what: 'inspect on 2 workers',
          against: 'on 1',
          goal: { better: 'higher', floor: 1.7, aim: 1.85 },
          unitName: 'image',
        },
        outcome,
      ),
    ];
  } finally {
    await Promise.all([one.close(), two.close()]);
  }
}

async function measureIsolation(context: BenchContext): Promise<Line[]> {
  const paths = writeCopies(await context.pictures(), context.freshPath('pictures'), INSPECT_IMAGES, 0);
  const requests = paths.map((path) => ({ path }));
  const processes = createWorkerPool({ processes: WORKERS });
  // The same allocator settings as a worker process has: isolation is what differs, nothing else.
  const threads = startHost<ThreadPoolHost>(new URL('../hosts/thread-pool-host.ts', import.meta.url), {
    ...workerEnvironment({}),
  });
  await threads.call('open', WORKERS);
  try {
    const outcome = await compare({
      ours: {
        name: 'processes',
        run: async () => ({ units: soundCount(await processes.inspect(requests)) }),
      },
      limit: {
        name: 'threads',
        run: async () => ({ units: await threads.call('inspect', paths) }),
      },
      rounds: context.rounds,
      onRound: (text) => context.say(text),
    });
    return [
      comparisonLine(
        {
          what: 'worker processes',
          against: 'the same pool without isolation',
          goal: { better: 'higher', floor: 0.85, aim: 0.92 },
          unitName: 'image',
        },
        outcome,
      ),
    ];
  } finally {
    await Promise.all([processes.close(), threads.close()]);
  }
}

async function measureDamage(context: BenchContext): Promise<Line[]> {
  const originals = (await context.pictures()).paths.slice(0, DAMAGED_IMAGES);
  const pool = createWorkerPool({ processes: WORKERS });
  const flagged: Record<string, number> = {};
  try {
    for (const [name, damage] of Object.entries(DAMAGES)) {
      const folder = context.freshPath(name);
      mkdirSync(folder);
      const requests = originals.map((original, index) => {
        const path = join(folder, `${index}.jpg`);
        writeFileSync(path, damage(readFileSync(original), index));
        return { path };
      });
      flagged[name] = originals.length - soundCount(await pool.inspect(requests));
    }
  } finally {
    await pool.close();
  }
  const all = Object.entries(flagged).map(([name, count]) => `${name} ${count}`);
  const line = { unit: '', cpu: '', rounds: `${originals.length} images`, doubtful: false } as const;
  return [
    {
      ...line,
      what: 'bit-flipped JPEGs flagged',
      against: 'all of them',
      goal: { better: 'higher', floor: 0.85, aim: 0.91 },
      value: flagged['bits flipped']! / originals.length,
      sides: all.join(', '),
    },
    {
      ...line,
      what: 'false alarms',
      against: 'sound files',
      goal: { better: 'lower', floor: 0, aim: 0 },
      value: flagged.sound!,
      sides: `${flagged.sound} of ${originals.length}`,
    },
  ];
}

export const inspectingRows: readonly Row[] = [
  { name: 'import', measure: measureImport },
  { name: 'scaling', measure: measureScaling },
  { name: 'isolation', measure: measureIsolation },
  { name: 'damage', measure: measureDamage },
];
