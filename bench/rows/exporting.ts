/** Archives of images against the programs that everyone has. */

import { hash } from 'node:crypto';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ExportSample } from '../../core/exports/export-types.ts';
import { runExport } from '../../core/exports/run-export.ts';
import type { BenchContext } from '../harness/context.ts';
import { writeCopies } from '../harness/pictures.ts';
import { requireProgram, runProgram } from '../harness/programs.ts';
import { compare, median } from '../harness/rounds.ts';
import { comparisonLine, type Line, type Row } from './row.ts';

const IMAGES = 3000;
const BATCH_SIZE = 500;

async function measureExport(
  context: BenchContext,
  archive: 'tar' | 'zip',
  about: { readonly against: string; readonly floor: number; readonly aim: number },
  pack: (target: string, folder: string) => Promise<unknown>,
): Promise<Line[]> {
  const folder = context.freshPath('pictures');
  const pathOf = new Map<string, string>();
  const samples = writeCopies(await context.pictures(), folder, IMAGES, 0)
    .map((path, index): ExportSample => {
      const sha256 = hash('sha256', readFileSync(path));
      pathOf.set(sha256, path);
      return {
        sha256,
        label: `label-${index % 10}`,
        split: null,
        status: 'accepted',
        reasons: [],
        width: 500,
        height: 400,
        format: 'jpeg',
        bytes: statSync(path).size,
        caption: null,
        name: null,
        origins: [],
        tags: [],
      };
    })
    .sort((a, b) => (`${a.label} ${a.sha256}` < `${b.label} ${b.sha256}` ? -1 : 1));
  const labels = [...new Set(samples.map((sample) => sample.label as string))];
  const megabytes = samples.reduce((sum, sample) => sum + sample.bytes, 0) / 1e6;
  async function* batches(): AsyncGenerator<readonly ExportSample[]> {
    for (let at = 0; at < samples.length; at += BATCH_SIZE) yield samples.slice(at, at + BATCH_SIZE);
  }
  const target = context.freshPath(archive);
  mkdirSync(target);
  const outPath = join(target, `ours.${archive}`);
  const theirs = join(target, `theirs.${archive}`);
  const checkMs: number[] = [];
  const outcome = await compare({
    ours: {
      name: 'export',
      prepare: () => context.remove(outPath),
      run: async () => {
        const report = await runExport({
          format: 'imagefolder',
          archive,
          outPath,
          dataDirectory: context.freshPath('nothing'),
          content: () => ({ dataset: { name: 'bench', labels }, images: samples.length, samples: batches() }),
          pathOf: (sha256) => pathOf.get(sha256) as string,
          productVersion: '0.0.0',
        });
        checkMs.push(report.checkMs);
        return { units: megabytes, elapsedMs: report.writeMs };
      },
    },
    limit: {
      name: archive,
      prepare: () => context.remove(theirs),
      run: async () => {
        await pack(theirs, folder);
        return { units: megabytes };
      },
    },
    rounds: context.rounds,
    // Reading the archive back is part of our CPU time, not of theirs.
    cpuMayDecide: false,
    onRound: (text) => context.say(text),
  });
  const line = comparisonLine(
    {
      what: `${archive} export, written`,
      against: about.against,
      goal: { better: 'higher', floor: about.floor, aim: about.aim },
      unitName: 'MB',
    },
    outcome,
  );
  context.remove(target);
  const withCheck = 1 + median(checkMs) / (outcome.ours.msPerUnit * megabytes);
  return [
    {
      ...line,
      sides: `${line.sides.replaceAll('/s', ' MB/s')}; ${(line.value / withCheck).toFixed(2)} with reading back and fsync`,
    },
  ];
}

export const exportingRows: readonly Row[] = [
  {
    name: 'tar',
    measure: (context) => {
      requireProgram('tar', 'apt install tar');
      return measureExport(context, 'tar', { against: 'GNU tar', floor: 0.9, aim: 1 }, (target, folder) =>
        runProgram('tar', ['-cf', target, '-C', folder, '.']),
      );
    },
  },
  {
    name: 'zip',
    measure: (context) => {
      requireProgram('zip', 'apt install zip');
      return measureExport(context, 'zip', { against: 'Info-ZIP, stored', floor: 2.5, aim: 3 }, (target, folder) =>
        runProgram('zip', ['-0', '-q', '-r', target, '.'], { cwd: folder }),
      );
    },
  },
];
