/** What a measurement is, and how its outcome is put into a line of the table. */

import type { BenchContext } from '../harness/context.ts';
import type { Comparison } from '../harness/rounds.ts';

interface Goal {
  /** `higher` is better (a rate by another) or `lower` (a time by another, an amount of memory). */
  readonly better: 'higher' | 'lower';
  /** Never to be missed. */
  readonly floor: number;
  /** What is strived for. */
  readonly aim: number;
}

export interface Line {
  readonly what: string;
  readonly against: string;
  readonly goal: Goal;
  /** A ratio unless `unit` says otherwise. */
  readonly value: number;
  readonly unit: '' | 'MB';
  /** How the two sides did, for people. */
  readonly sides: string;
  /** CPU time of both sides. */
  readonly cpu: string;
  /** Rounds that counted and that were dropped, and what decided. */
  readonly rounds: string;
  /** Whether too few rounds were clean, so that the value may be off. */
  readonly doubtful: boolean;
}

export interface Row {
  /** For `--only`. */
  readonly name: string;
  /** @throws Missing when something is not installed; Error when the sides do not agree */
  measure(context: BenchContext): Promise<readonly Line[]>;
}

export function isMissed({ goal, value }: Line): boolean {
  return goal.better === 'higher' ? value < goal.floor : value > goal.floor;
}

export function reachesAim({ goal, value }: Line): boolean {
  return goal.better === 'higher' ? value >= goal.aim : value <= goal.aim;
}

export interface ComparisonLine {
  readonly what: string;
  readonly against: string;
  readonly goal: Goal;
  /** What one unit of a side's work is called. */
  readonly unitName: string;
  /** Whether sides are told as units a second (default) or milliseconds a unit. */
  readonly show?: 'rate' | 'time';
}

/** The line of two sides measured in turns. */
export function comparisonLine(about: ComparisonLine, outcome: Comparison): Line {
  const { ours, limit, cpuSpeed } = outcome;
  const { what, against, goal, unitName, show = 'rate' } = about;
  const side = (msPerUnit: number) =>
    show === 'rate' ? `${significant(1000 / msPerUnit)}/s` : `${significant(msPerUnit)} ms`;
  const cpu =
    ours.cpuMsPerUnit === null || limit.cpuMsPerUnit === null
      ? 'not known'
      : `${significant(ours.cpuMsPerUnit)} and ${significant(limit.cpuMsPerUnit)} ms a${/^[aeiou]/.test(unitName) ? 'n' : ''} ${unitName}${cpuSpeed === null ? '' : ` (${ratio(goal, cpuSpeed).toFixed(2)})`}`;
  const spread = outcome.speeds.map((speed) => ratio(goal, speed));
  const { worst } = outcome;
  const dropped =
    worst === null
      ? ''
      : `, ${outcome.droppedRounds} dropped (steal to ${worst.stealCores.toFixed(1)}, others to ${worst.otherCores.toFixed(1)} cores)`;
  const decided = { time: '', cpu: ', CPU decides', disturbed: ', all counted' }[outcome.decidedBy];
  return {
    what,
    against,
    goal,
    value: ratio(goal, outcome.speed),
    unit: '',
    sides: `${side(ours.msPerUnit)} and ${side(limit.msPerUnit)}`,
    cpu,
    rounds: `${outcome.cleanRounds} clean${dropped}${decided}; ${Math.min(...spread).toFixed(2)} to ${Math.max(...spread).toFixed(2)}`,
    doubtful: outcome.decidedBy !== 'time',
  };
}

function ratio(goal: Goal, speed: number): number {
  return goal.better === 'higher' ? speed : 1 / speed;
}

/** Three digits that matter. */
function significant(value: number): string {
  if (value >= 100) return Math.round(value).toString();
  return value.toPrecision(3);
}
