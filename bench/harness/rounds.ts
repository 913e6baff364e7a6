/**
 * Two sides measured in turns. A round in which the hypervisor or another program took CPU is dropped and repeated, since
 * it says nothing about either side; the median of the remaining rounds' ratios counts.
 */

import { type CpuUse, cpuUse, readCpu, SEES_CPU } from './machine.ts';

/** Above these many CPUs a round counts as disturbed. */
const MAX_STEAL_CORES = 0.1;
const MAX_OTHER_CORES = 0.15;
/** Fewer clean rounds than this prove nothing. */
const LEAST_CLEAN = 5;
/** Rounds that may be repeated for each that is wanted. */
const REPEATS_PER_ROUND = 1.5;

interface Work {
  /** What was done: images, pages, pairs of a search. */
  readonly units: number;
  /** Milliseconds it took by the side's own clock, where starting and cleaning up are not part of it. */
  readonly elapsedMs?: number;
}

interface Side {
  readonly name: string;
  /** Makes ready for a round, untimed. */
  prepare?(round: number): Promise<void> | void;
  run(round: number): Promise<Work> | Work;
}

interface SideResult {
  readonly name: string;
  /** Medians. */
  readonly msPerUnit: number;
  readonly cpuMsPerUnit: number | null;
}

export interface Comparison {
  readonly ours: SideResult;
  readonly limit: SideResult;
  /** Time of the limit by time of ours: above 1 when ours is quicker. */
  readonly speed: number;
  /** The same of CPU time; null where it is not known. */
  readonly cpuSpeed: number | null;
  readonly decidedBy: 'time' | 'cpu' | 'disturbed';
  readonly cleanRounds: number;
  readonly droppedRounds: number;
  /** The speed of each round that counts, in order. */
  readonly speeds: readonly number[];
  /** Highest of the dropped rounds. */
  readonly worst: { readonly stealCores: number; readonly otherCores: number } | null;
}

export interface CompareOptions {
  readonly ours: Side;
  readonly limit: Side;
  readonly rounds: number;
  /** Process ids whose CPU time belongs to neither side. */
  readonly servers?: readonly number[];
  /** Whether CPU time may decide when there are too few clean rounds: not where waiting or parallelism is the matter. */
  readonly cpuMayDecide?: boolean;
  readonly onRound?: (text: string) => void;
}

interface Turn {
  readonly msPerUnit: number;
  readonly cpuMsPerUnit: number | null;
  readonly use: CpuUse;
}

interface Round {
  readonly ours: Turn;
  readonly limit: Turn;
  readonly clean: boolean;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function isDisturbed(use: CpuUse): boolean {
  return use.stealCores > MAX_STEAL_CORES || use.otherCores > MAX_OTHER_CORES;
}

async function turn(side: Side, round: number, servers: readonly number[]): Promise<Turn> {
  await side.prepare?.(round);
  const from = readCpu(servers);
  const work = await side.run(round);
  const use = cpuUse(from, readCpu(servers));
  return {
    msPerUnit: (work.elapsedMs ?? use.elapsedMs) / work.units,
    cpuMsPerUnit: use.cpuMs === null ? null : use.cpuMs / work.units,
    use,
  };
}

/** Runs both sides once for warmth, then in turns until enough rounds were clean or too many were not. */
export async function compare(options: CompareOptions): Promise<Comparison> {
  const { ours, limit, rounds: wanted, servers = [], cpuMayDecide = true, onRound } = options;
  await turn(ours, 0, servers);
  await turn(limit, 0, servers);
  const rounds: Round[] = [];
  const most = Math.ceil(wanted * (1 + REPEATS_PER_ROUND));
  for (let round = 1; round <= most && rounds.filter((each) => each.clean).length < wanted; round++) {
    // Who goes first changes, so that a machine that gets slower favours nobody.
    const first = await turn(round % 2 === 1 ? ours : limit, round, servers);
    const second = await turn(round % 2 === 1 ? limit : ours, round, servers);
    const [oursTurn, limitTurn] = round % 2 === 1 ? [first, second] : [second, first];
    const clean = !isDisturbed(first.use) && !isDisturbed(second.use);
    rounds.push({ ours: oursTurn, limit: limitTurn, clean });
    onRound?.(
      `round ${round}: ${(limitTurn.msPerUnit / oursTurn.msPerUnit).toFixed(3)}${clean ? '' : `, dropped (steal ${worst([first, second], 'stealCores')}, others ${worst([first, second], 'otherCores')})`}`,
    );
  }
  return conclude(options, rounds, cpuMayDecide);
}

function worst(turns: readonly Turn[], what: 'stealCores' | 'otherCores'): string {
  return Math.max(...turns.map((each) => each.use[what])).toFixed(2);
}

function conclude({ ours, limit }: CompareOptions, rounds: readonly Round[], cpuMayDecide: boolean): Comparison {
  const clean = rounds.filter((round) => round.clean);
  const dropped = rounds.filter((round) => !round.clean);
  const enough = clean.length >= LEAST_CLEAN;
  const counted = enough ? clean : rounds;
  const speeds = counted.map((round) => round.limit.msPerUnit / round.ours.msPerUnit);
  const cpuSpeeds = counted.flatMap((round) =>
    round.ours.cpuMsPerUnit === null || round.limit.cpuMsPerUnit === null || round.ours.cpuMsPerUnit === 0
      ? []
      : [round.limit.cpuMsPerUnit / round.ours.cpuMsPerUnit],
  );
  const cpuSpeed = cpuSpeeds.length === counted.length ? median(cpuSpeeds) : null;
  const byCpu = !enough && cpuMayDecide && cpuSpeed !== null;
  return {
    ours: summary(ours, counted, 'ours'),
    limit: summary(limit, counted, 'limit'),
    speed: byCpu ? cpuSpeed : median(speeds),
    cpuSpeed,
    decidedBy: enough || !SEES_CPU ? 'time' : byCpu ? 'cpu' : 'disturbed',
    cleanRounds: clean.length,
    droppedRounds: dropped.length,
    speeds,
    worst:
      dropped.length === 0
        ? null
        : {
            stealCores: Math.max(...dropped.flatMap((each) => [each.ours.use.stealCores, each.limit.use.stealCores])),
            otherCores: Math.max(...dropped.flatMap((each) => [each.ours.use.otherCores, each.limit.use.otherCores])),
          },
  };
}

function summary(side: Side, rounds: readonly Round[], which: 'ours' | 'limit'): SideResult {
  const cpu = rounds.flatMap((round) => round[which].cpuMsPerUnit ?? []);
  return {
    name: side.name,
    msPerUnit: median(rounds.map((round) => round[which].msPerUnit)),
    cpuMsPerUnit: cpu.length === rounds.length ? median(cpu) : null,
  };
}
