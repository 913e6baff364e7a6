/** Tasks that misbehave on command: the command is the path of the file to inspect, `name` or `name:argument`. */

import { existsSync, writeFileSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Inspection, InspectionAnswer } from '../../shared/inspection.ts';
import type { TaskInput } from '../../workers/tasks.ts';

function die(signal: NodeJS.Signals): Promise<never> {
  process.kill(process.pid, signal);
  return new Promise(() => undefined);
}

/** What a leak would hold. */
const kept: Buffer[] = [];

async function obey(path: string): Promise<unknown> {
  const [command, argument = ''] = path.split(/:(.*)/s);
  switch (command) {
    case 'slow':
      await sleep(Number(argument));
      return undefined;
    case 'busy':
      for (const untilMs = performance.now() + Number(argument); performance.now() < untilMs; );
      return undefined;
    case 'throw':
      throw new Error('thrown on command');
    case 'exit':
      // Ends the thread.
      process.exit(Number(argument));
      return undefined;
    case 'kill':
      return die(argument as NodeJS.Signals);
    case 'kill-once':
      if (existsSync(argument)) return undefined;
      writeFileSync(argument, '');
      return die('SIGSEGV');
    case 'spin':
      for (;;);
    case 'hang':
      return new Promise(() => undefined);
    case 'allocate': {
      const held: Buffer[] = [];
      for (let mib = 0; mib < Number(argument); mib += 16) {
        held.push(Buffer.alloc(16 * 1024 * 1024, 1));
        await sleep(5);
      }
      await sleep(60_000);
      return held.length;
    }
    case 'grow':
      kept.push(Buffer.alloc(Number(argument) * 1024 * 1024, 1));
      return undefined;
    case 'heap': {
      const held: number[][] = [];
      for (;;) held.push(Array.from({ length: 1e6 }, Math.random));
    }
    case 'garbage':
      writeSync(3, Buffer.from('this is no message of ours, and far too long a number comes first'));
      return undefined;
    case 'forged': {
      // A well-formed frame that answers a task which does not exist.
      const { serialize } = await import('node:v8');
      const body = serialize({ type: 'done', id: 999_999_999, output: [], rssBytes: 1 });
      const header = Buffer.alloc(4);
      header.writeUInt32BE(body.length);
      writeSync(3, Buffer.concat([header, body]));
      return undefined;
    }
    case 'uncloneable':
      return { detail: () => undefined };
    case 'misshapen':
      return { integrity: 'lovely' };
    case 'rejects-later':
      setTimeout(() => Promise.reject(new Error('after the answer')), 1);
      return undefined;
    case 'environment':
      return { detail: JSON.stringify(Object.keys(process.env)) };
    default:
      return undefined;
  }
}

const FINE: Inspection = {
  integrity: 'ok',
  reason: null,
  detail: null,
  format: 'jpeg',
  sizeBytes: 1,
  width: 1,
  height: 1,
  orientation: 1,
  frames: 1,
  channels: 3,
  bitDepth: 8,
  colourSpace: 'srgb',
  hasAlpha: false,
  hasIccProfile: false,
  exif: null,
  measurements: null,
};

export default {
  async inspect(input: TaskInput<'inspect'>, begin: (index: number) => void): Promise<InspectionAnswer[]> {
    const answers: InspectionAnswer[] = [];
    for (const [index, { path, copyTo }] of input.requests.entries()) {
      begin(index);
      if (copyTo !== undefined) writeFileSync(copyTo, path, { flag: 'wx' });
      const said = await obey(path);
      const inspection = { ...FINE, detail: path, ...(said as Partial<Inspection> | undefined) };
      answers.push({ inspection, thumbnail: path.startsWith('picture') ? new Uint8Array(8192).fill(7) : null });
    }
    return answers;
  },
  async 'extract-page'(input: TaskInput<'extract-page'>): Promise<unknown> {
    await obey(input.path);
    return {
      baseUrl: input.url,
      title: input.path,
      images: [],
      links: [],
      metaRobots: [],
      tdmReservation: null,
      truncated: false,
    };
  },
  async 'unpack-archive'(input: TaskInput<'unpack-archive'>): Promise<unknown> {
    await obey(input.path);
    return { entries: [], nextEntry: 0, done: true };
  },
};
