/** From the web to the disk: the whole crawl, fetching alone, and the memory it takes. */

import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { workerEnvironment } from '../../shared/worker-environment.ts';
import type { BenchContext } from '../harness/context.ts';
import { type Host, startHost } from '../harness/host.ts';
import { readMemory } from '../harness/machine.ts';
import { Missing, requireProgram, runProgram } from '../harness/programs.ts';
import { compare } from '../harness/rounds.ts';
import type { CoreHost } from '../hosts/core-host.ts';
import type { FetchHost } from '../hosts/fetch-host.ts';
import type { StraightCrawl } from '../limits/straight-crawl.ts';
import { comparisonLine, type Line, type Row } from './row.ts';

const CRAWL_IMAGES = 1000;
const FETCH_IMAGES = 3000;
const IN_FLIGHT = 16;
const MEMORY_IMAGES = 3000;
const SAMPLE_EVERY_MS = 100;

/** Settings under which politeness does not bind: no gap between requests, two at a time to each of the fifty sites. */
const IMPOLITE = { delayMs: 0, perHost: 2 } as const;

/** Starts the built core on an empty library. */
export async function startCore(dataDirectory: string): Promise<Host<CoreHost>> {
  const host = startHost<CoreHost>(new URL('../hosts/core-host.ts', import.meta.url));
  await host.call('open', dataDirectory);
  return host;
}

function checkCount(what: string, expected: number, came: number): void {
  if (came !== expected) throw new Error(`Expected ${expected} images from ${what}, but it made ${came}.`);
}

async function measureCrawl(context: BenchContext): Promise<Line[]> {
  const web = await context.web();
  const core = await startCore(context.freshPath('crawl'));
  const script = startHost<StraightCrawl>(new URL('../limits/straight-crawl.ts', import.meta.url), {
    ...workerEnvironment({}),
  });
  const lists = context.freshPath('lists');
  mkdirSync(lists);
  await script.call('open', context.freshPath('straight'));
  const numbers = new Map<number, number>();
  const first = (round: number): number => {
    if (!numbers.has(round)) numbers.set(round, context.freshNumbers(CRAWL_IMAGES));
    return numbers.get(round)!;
  };
  let list = '';
  let datasetId = 0;
  let addresses: string[] = [];
  try {
    const outcome = await compare({
      ours: {
        name: 'crawl',
        prepare: async (round) => {
          list = join(lists, `${round}.txt`);
          writeFileSync(list, (await context.addresses(first(round), CRAWL_IMAGES)).join('\n'));
          datasetId = await core.call('makeDataset', `round ${round}`);
        },
        run: async () => {
          const { counts, error } = await core.call('crawl', {
            datasetId,
            sources: [`urls:${list}`],
            maxPages: 10_000,
            depth: 0,
            include: [],
            exclude: [],
            overrideConsent: [],
            allowHosts: [...web.allowHosts],
            ...IMPOLITE,
          });
          if (error !== null) throw new Error(error.message);
          checkCount('the crawl', CRAWL_IMAGES, counts.accepted + counts.quarantined);
          return { units: CRAWL_IMAGES };
        },
      },
      limit: {
        name: 'script',
        prepare: async (round) => {
          addresses = await context.addresses(first(round), CRAWL_IMAGES);
        },
        run: async () => {
          await script.call('crawl', addresses);
          return { units: CRAWL_IMAGES };
        },
      },
      rounds: context.rounds,
      servers: [web.processId],
      onRound: (text) => context.say(text),
    });
    return [
      comparisonLine(
        {
          what: 'crawl, inspect, store, commit',
          against: 'a straight-line script',
          goal: { better: 'higher', floor: 0.85, aim: 0.95 },
          unitName: 'image',
        },
        outcome,
      ),
    ];
  } finally {
    await Promise.all([core.close(), script.close()]);
  }
}

async function measureFetch(context: BenchContext): Promise<Line[]> {
  requireProgram('curl', 'apt install curl');
  const web = await context.web();
  const host = startHost<FetchHost>(new URL('../hosts/fetch-host.ts', import.meta.url));
  await host.call('open', { dataDirectory: context.freshPath('fetch'), allowHosts: web.allowHosts });
  const config = context.freshPath('curl-config');
  let folder = '';
  let addresses: string[] = [];
  try {
    const outcome = await compare({
      ours: {
        name: 'fetcher',
        prepare: async () => {
          addresses = await context.addresses(context.freshNumbers(FETCH_IMAGES), FETCH_IMAGES);
        },
        run: async () => {
          checkCount('the fetcher', FETCH_IMAGES, await host.call('fetch', { addresses, inFlight: IN_FLIGHT }));
          return { units: FETCH_IMAGES };
        },
      },
      limit: {
        name: 'curl',
        prepare: async () => {
          if (folder !== '') context.remove(folder);
          folder = context.freshPath('curl');
          mkdirSync(folder);
          const urls = await context.addresses(context.freshNumbers(FETCH_IMAGES), FETCH_IMAGES);
          writeFileSync(
            config,
            urls.map((url, index) => `url = "${url}"\noutput = "${join(folder, `${index}.jpg`)}"`).join('\n'),
          );
        },
        run: async () => {
          await runProgram('curl', ['-s', '-S', '-f', '-Z', '--parallel-max', String(IN_FLIGHT), '-K', config]);
          checkCount('curl', FETCH_IMAGES, readdirSync(folder).length);
          return { units: FETCH_IMAGES };
        },
      },
      rounds: context.rounds,
      servers: [web.processId],
      onRound: (text) => context.say(text),
    });
    return [
      comparisonLine(
        {
          what: 'fetch, hash, durable file, row only',
          against: 'curl -Z, 16 in flight',
          goal: { better: 'higher', floor: 0.5, aim: 0.7 },
          unitName: 'image',
        },
        outcome,
      ),
    ];
  } finally {
    await host.close();
  }
}

async function measureMemory(context: BenchContext): Promise<Line[]> {
  if (readMemory(process.pid) === null) throw new Missing('/proc is not there, which tells the memory of processes');
  const web = await context.web();
  const program = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
  const common = [program, '--data-dir', context.freshPath('memory'), '--json'];
  await runProgram(process.execPath, [...common, 'dataset', 'create', 'memory']);
  const list = context.freshPath('list');
  writeFileSync(list, (await context.addresses(context.freshNumbers(MEMORY_IMAGES), MEMORY_IMAGES)).join('\n'));
  const allowed = web.allowHosts.flatMap((host) => ['--allow-host', host]);
  const impolite = ['--per-host', String(IMPOLITE.perHost), '--delay-ms', String(IMPOLITE.delayMs)];
  const child = spawn(
    process.execPath,
    [...common, 'crawl', 'memory', '--from', `urls:${list}`, ...impolite, ...allowed],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  let residentBytes = 0;
  let proportionalBytes = 0;
  let processes = 0;
  const sampling = setInterval(() => {
    const now = readMemory(child.pid!);
    if (now === null) return;
    residentBytes = Math.max(residentBytes, now.residentBytes);
    proportionalBytes = Math.max(proportionalBytes, now.proportionalBytes);
    processes = Math.max(processes, now.processes);
  }, SAMPLE_EVERY_MS);
  const code = await ended;
  clearInterval(sampling);
  if (code !== 0) throw new Error(`The crawl ended with code ${code}.`);
  return [
    {
      what: 'peak memory, small JPEGs',
      against: `${processes} processes`,
      goal: { better: 'lower', floor: 450, aim: 350 },
      value: residentBytes / 1e6,
      unit: 'MB',
      sides: `${Math.round(proportionalBytes / 1e6)} MB with shared pages counted once`,
      cpu: '',
      rounds: `${MEMORY_IMAGES} images`,
      doubtful: false,
    },
  ];
}

export const collectingRows: readonly Row[] = [
  { name: 'crawl', measure: measureCrawl },
  { name: 'fetch', measure: measureFetch },
  { name: 'memory', measure: measureMemory },
];
