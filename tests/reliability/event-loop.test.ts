/** A core that imports still answers: the delay of its event loop (G7.8). Opening and closing are not in it. */

import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { before, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { draw, encode } from '../web/draw.ts';
import { IS_LONG_FORM, temporaryFolder } from './product.ts';

const execute = promisify(execFile);
const FIXTURE = fileURLToPath(new URL('event-loop.fixture.ts', import.meta.url));
const IMAGES = IS_LONG_FORM ? 50_000 : 1_500;
/** Drawn once each; the others are these with a comment of their own, which makes another file of them. */
const DRAWINGS = 250;
/** The goal, on a machine that has nothing else to do. */
const GOAL = { p99Ms: 20, maxMs: 100 };
/** Where other programs want the processors or the disk too. */
const LOADED_P99_MS = 60;

interface Measured {
  readonly state: string;
  readonly accepted: number;
  readonly quarantined: number;
  readonly durationMs: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

const pictures: Buffer[] = [];

before(async () => {
  for (let seed = 0; seed < DRAWINGS; seed++) pictures.push((await encode(draw(90_000 + seed, 96, 96), 'jpeg')).bytes);
});

/** The picture with a comment segment (ITU-T T.81, B.2.4.5) after its first marker. */
function commented(jpeg: Buffer, text: string): Buffer {
  const segment = Buffer.alloc(4 + text.length);
  segment.writeUInt16BE(0xfffe, 0);
  segment.writeUInt16BE(2 + text.length, 2);
  segment.write(text, 4, 'latin1');
  return Buffer.concat([jpeg.subarray(0, 2), segment, jpeg.subarray(2)]);
}

function writePictures(folder: string): string {
  const source = join(folder, 'pictures');
  mkdirSync(source);
  for (let index = 0; index < IMAGES; index++) {
    const bytes = commented(pictures[index % DRAWINGS]!, `number ${index}`);
    writeFileSync(join(source, `${index}.jpg`), bytes);
  }
  return source;
}

interface Ticks {
  readonly all: number;
  /** What a hypervisor gave to other machines. */
  readonly stolen: number;
  /** What other programs than this one and its ended children used. */
  readonly others: number;
}

/** Time of the processors so far, see proc(5); zero where the system does not tell. */
function processorTicks(): Ticks {
  try {
    const [, ...fields] = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0]!.split(/\s+/);
    const ticks = fields.slice(0, 8).map(Number);
    const [user, nice, system, , , interrupts, softInterrupts, stolen] = ticks as [number, ...number[]];
    const own = readFileSync('/proc/self/stat', 'latin1').split(') ').at(-1)!.split(' ').slice(11, 15);
    const sum = (values: readonly (number | undefined)[]) => values.reduce<number>((total, each) => total + each!, 0);
    return {
      all: sum(ticks),
      stolen: stolen!,
      others: sum([user, nice, system, interrupts, softInterrupts]) - sum(own.map(Number)),
    };
  } catch {
    return { all: 0, stolen: 0, others: 0 };
  }
}

interface Round extends Measured {
  /** What else went on, in words; null on a machine that had nothing else to do. */
  readonly load: string | null;
}

async function measure(context: TestContext, folder: string, source: string): Promise<Round> {
  const waitingBefore = loadavg()[0] ?? 0;
  const earlier = processorTicks();
  const { stdout } = await execute(process.execPath, [FIXTURE, folder, source], { timeout: 900_000 });
  const later = processorTicks();
  const share = (part: 'stolen' | 'others') => (later[part] - earlier[part]) / Math.max(1, later.all - earlier.all);
  const measured = JSON.parse(stdout) as Measured;
  // Tests run two files at a time. Programs that wait for the disk use no processor, but count as load.
  const isLoaded = waitingBefore > availableParallelism() || share('stolen') > 0.02 || share('others') > 0.1;
  const percent = (part: 'stolen' | 'others') => `${Math.round(100 * share(part))}% ${part}`;
  const load = isLoaded ? `load ${waitingBefore.toFixed(1)}, ${percent('stolen')}, ${percent('others')}` : null;
  const { p99Ms, maxMs, durationMs } = measured;
  context.diagnostic(`p99 ${p99Ms} ms, max ${maxMs} ms, import ${durationMs} ms, ${load ?? 'idle machine'}`);
  assert.ok(measured.state.startsWith('completed'), measured.state);
  assert.equal(measured.accepted + measured.quarantined, IMAGES);
  return { ...measured, load };
}

async function assertResponsive(context: TestContext, folder: string, source: string): Promise<void> {
  const meetsGoal = ({ p99Ms, maxMs }: Measured) => p99Ms <= GOAL.p99Ms && maxMs <= GOAL.maxMs;
  const first = await measure(context, join(folder, 'first'), source);
  if (meetsGoal(first)) return;
  const what = `p99 ${first.p99Ms} ms, max ${first.maxMs} ms`;
  assert.ok(first.load !== null, `${what} on an idle machine; the goal is ${JSON.stringify(GOAL)}`);
  const second = await measure(context, join(folder, 'second'), source);
  if (meetsGoal(second)) return;
  context.diagnostic(`THE GOAL WAS NOT SHOWN on this loaded machine: ${JSON.stringify(GOAL)}`);
  const best = Math.min(first.p99Ms, second.p99Ms);
  assert.ok(best <= LOADED_P99_MS, `p99 ${best} ms in the better of two rounds (${first.load}; ${second.load})`);
}

const timeout = IS_LONG_FORM ? 3_600_000 : 240_000;

test(`the event loop is free while ${IMAGES} images come from a folder`, { timeout }, async (context) => {
  const folder = await temporaryFolder(context, 'event-loop');
  await assertResponsive(context, folder, writePictures(folder));
});

test(`the event loop is free while ${IMAGES} images come from a tar`, {
  timeout,
  skip: process.platform === 'win32' ? 'tar is not on every Windows' : false,
}, async (context) => {
  const folder = await temporaryFolder(context, 'event-loop');
  const archive = join(folder, 'pictures.tar');
  execFileSync('tar', ['-cf', archive, '-C', writePictures(folder), '.']);
  await assertResponsive(context, folder, archive);
});
