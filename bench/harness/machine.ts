/** What the machine is, and what it did: CPU time of our processes, of everyone else, and what the hypervisor took. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { availableParallelism, cpus, release, totalmem } from 'node:os';

/** Linux reports CPU times in hundredths of a second, whatever the kernel's own tick. */
const TICK_MS = 10;
const KERNEL_THREADS = 2;

/** Whether this system tells who used the CPU; elsewhere rounds are timed without it. */
export const SEES_CPU = existsSync('/proc/stat');

export interface CpuReading {
  readonly atMs: number;
  /** User and system time of everything that ran; interrupts left out, since nobody owns them. */
  readonly busyMs: number;
  readonly stealMs: number;
  /** Of the kernel's own threads, which work for us as for others. */
  readonly kernelMs: number;
  /** Of this process and its descendants, ended ones among them. */
  readonly oursMs: number;
  /** The part of `oursMs` that belongs to servers and is not what is measured. */
  readonly serversMs: number;
}

interface ProcessTimes {
  readonly parent: number;
  readonly usedMs: number;
}

function readProcesses(): Map<number, ProcessTimes> {
  const processes = new Map<number, ProcessTimes>();
  for (const name of readdirSync('/proc')) {
    const id = Number(name);
    if (!Number.isInteger(id)) continue;
    try {
      const text = readFileSync(`/proc/${name}/stat`, 'latin1');
      // The name in parentheses may hold anything; the fields behind it are numbers (proc_pid_stat(5)).
      const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
      const used = [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0);
      processes.set(id, { parent: Number(fields[1]), usedMs: used * TICK_MS });
    } catch {
      // It ended in between.
    }
  }
  return processes;
}

/** A process and its descendants. */
function treeOf(root: number, processes: ReadonlyMap<number, ProcessTimes>): number[] {
  const children = new Map<number, number[]>();
  for (const [id, { parent }] of processes) children.set(parent, [...(children.get(parent) ?? []), id]);
  const tree: number[] = [];
  const open = [root];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    tree.push(id);
    open.push(...(children.get(id) ?? []));
  }
  return tree;
}

function usedBy(root: number, processes: ReadonlyMap<number, ProcessTimes>): number {
  return treeOf(root, processes).reduce((sum, id) => sum + (processes.get(id)?.usedMs ?? 0), 0);
}

/** @param servers process ids of servers among our children */
export function readCpu(servers: readonly number[]): CpuReading {
  const atMs = performance.now();
  if (!SEES_CPU) return { atMs, busyMs: 0, stealMs: 0, kernelMs: 0, oursMs: 0, serversMs: 0 };
  const processes = readProcesses();
  const line = readFileSync('/proc/stat', 'latin1').split('\n', 1)[0] ?? '';
  const [user = 0, nice = 0, system = 0, , , , , steal = 0] = line.trim().split(/\s+/).slice(1).map(Number);
  return {
    atMs,
    busyMs: (user + nice + system) * TICK_MS,
    stealMs: steal * TICK_MS,
    kernelMs: usedBy(KERNEL_THREADS, processes),
    oursMs: usedBy(process.pid, processes),
    serversMs: servers.reduce((sum, id) => sum + usedBy(id, processes), 0),
  };
}

export interface CpuUse {
  readonly elapsedMs: number;
  /** Of what is measured; null where the system does not tell. */
  readonly cpuMs: number | null;
  /** CPUs that the hypervisor gave to others. */
  readonly stealCores: number;
  /** CPUs that other processes used. */
  readonly otherCores: number;
}

export function cpuUse(from: CpuReading, to: CpuReading): CpuUse {
  const elapsedMs = to.atMs - from.atMs;
  const oursMs = to.oursMs - from.oursMs;
  const othersMs = to.busyMs - from.busyMs - oursMs - (to.kernelMs - from.kernelMs);
  return {
    elapsedMs,
    cpuMs: SEES_CPU ? oursMs - (to.serversMs - from.serversMs) : null,
    stealCores: (to.stealMs - from.stealMs) / elapsedMs,
    otherCores: Math.max(0, othersMs) / elapsedMs,
  };
}

/** Resident and proportional memory of a process and its descendants, in bytes; null where the system does not tell. */
export function readMemory(
  root: number,
): { residentBytes: number; proportionalBytes: number; processes: number } | null {
  if (!SEES_CPU) return null;
  let residentBytes = 0;
  let proportionalBytes = 0;
  let processes = 0;
  for (const id of treeOf(root, readProcesses())) {
    try {
      const text = readFileSync(`/proc/${id}/smaps_rollup`, 'latin1');
      residentBytes += Number(/^Rss:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) * 1024;
      proportionalBytes += Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) * 1024;
      processes += 1;
    } catch {
      // It ended in between, or its memory is gone already.
    }
  }
  return { residentBytes, proportionalBytes, processes };
}

/** One line that says what the numbers were taken on. */
export function describeMachine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown CPU';
  const memoryGiB = (totalmem() / 1024 ** 3).toFixed(0);
  return `${availableParallelism()} x ${model}, ${memoryGiB} GiB, ${process.platform} ${release()}, Node ${process.versions.node}`;
}
