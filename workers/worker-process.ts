/**
 * Entry of a worker process: runs the core's tasks on a piscina pool, watches them, and kills itself when one breaks its
 * deadline or the memory budget. This thread runs no task, so that it always answers. SIGKILL is the only way out that
 * does not wait for native code.
 */

import { writeFileSync, writeSync } from 'node:fs';
import { deserialize, serialize } from 'node:v8';
import { openChannel } from './channel.ts';
import type { MessageToCore, MessageToWorker, RunningTask, WorkerSettings } from './protocol.ts';
import type { ThreadReply } from './task-thread.ts';
import { createTaskThreadPool, type TaskThreadPool } from './task-thread-pool.ts';

/** A watch that was held up (a stopped or sleeping machine) charges a task no more than this for the gap. */
const MAX_CHARGED_GAP_MS = 1000;
/** Time for the last words to leave; the core kills the process itself when it reads them. */
const LAST_WORDS_MS = 200;

type RunMessage = Extract<MessageToWorker, { type: 'run' }>;

interface Running {
  readonly message: RunMessage;
  readonly slot: number;
  index: number;
  elapsedMs: number;
}

// The core is gone: without it nobody would ever end this process.
const channel = openChannel((message) => receive(deserialize(message) as MessageToWorker), die);
const waiting = new Map<number, RunMessage>();
const running = new Map<number, Running>();
const freeSlots: number[] = [];
let settings: WorkerSettings | null = null;
let pool: TaskThreadPool | null = null;
let watch: NodeJS.Timeout | null = null;
let lastWatchMs = 0;
let lastHeartbeatMs = 0;
let breaking = false;

function die(): void {
  process.kill(process.pid, 'SIGKILL');
}

function send(message: MessageToCore): void {
  if (breaking && message.type !== 'breaking') return;
  let body = serialize(message);
  if (settings !== null && body.length > settings.maxMessageBytes && message.type === 'done') {
    body = serialize({
      type: 'failed',
      id: message.id,
      code: 'payload-too-large',
      message: `The task's answer has ${body.length} bytes; at most ${settings.maxMessageBytes} are passed on.`,
      rssBytes: message.rssBytes,
    } satisfies MessageToCore);
  }
  channel.send(body);
}

function breakDown(id: number | null, index: number, why: 'deadline' | 'memory' | 'crash'): void {
  if (breaking) return;
  breaking = true;
  send({ type: 'breaking', id, index, why });
  setTimeout(die, LAST_WORDS_MS);
}

function observe({ deadlineMs }: RunMessage, task: Running, gapMs: number, threads: TaskThreadPool): boolean {
  const index = Atomics.load(threads.progress, task.slot);
  if (index !== task.index) {
    task.index = index;
    task.elapsedMs = 0;
    return false;
  }
  task.elapsedMs += gapMs;
  return task.elapsedMs > (index < 0 ? Math.max(settings?.loadAllowanceMs ?? 0, deadlineMs) : deadlineMs);
}

function runningTasks(): RunningTask[] {
  return Array.from(running.values(), ({ message, index, elapsedMs }) => ({ id: message.id, index, elapsedMs }));
}

function lookAround(): void {
  if (settings === null || pool === null || breaking) return;
  const nowMs = performance.now();
  const gapMs = Math.min(nowMs - lastWatchMs, MAX_CHARGED_GAP_MS);
  lastWatchMs = nowMs;
  for (const task of running.values()) {
    if (observe(task.message, task, gapMs, pool)) {
      breakDown(task.message.id, task.index, 'deadline');
      return;
    }
  }
  const rssBytes = process.memoryUsage.rss();
  if (rssBytes > settings.memoryBudgetBytes) {
    const [only] = running.values();
    const culprit = running.size === 1 ? only : undefined;
    breakDown(culprit?.message.id ?? null, culprit?.index ?? -1, 'memory');
    return;
  }
  if (nowMs - lastHeartbeatMs >= settings.heartbeatIntervalMs) {
    lastHeartbeatMs = nowMs;
    send({ type: 'alive', rssBytes, running: runningTasks() });
  }
}

function keepWatch(): void {
  if (running.size === 0 && watch !== null) {
    clearInterval(watch);
    watch = null;
  } else if (running.size > 0 && watch === null && settings !== null) {
    lastWatchMs = performance.now();
    lastHeartbeatMs = lastWatchMs;
    watch = setInterval(lookAround, settings.watchIntervalMs);
  }
}

function startNext(): void {
  if (pool === null) return;
  for (const [id, message] of waiting) {
    const slot = freeSlots.pop();
    if (slot === undefined) break;
    waiting.delete(id);
    const task: Running = { message, slot, index: -1, elapsedMs: 0 };
    Atomics.store(pool.progress, slot, -1);
    running.set(id, task);
    pool.call({ id, slot, task: message.task, input: message.input }).then(
      (reply) => finish(task, reply),
      (error: unknown) => {
        // The thread ended under the task: out of heap, an uncaught exception, process.exit, an answer that cannot be cloned.
        writeError(error);
        breakDown(id, pool === null ? -1 : Atomics.load(pool.progress, slot), 'crash');
      },
    );
  }
  keepWatch();
}

function finish(task: Running, reply: ThreadReply): void {
  running.delete(task.message.id);
  freeSlots.push(task.slot);
  startNext();
  const rssBytes = process.memoryUsage.rss();
  const { id } = task.message;
  if (reply.ok) send({ type: 'done', id, output: reply.output, rssBytes });
  else send({ type: 'failed', id, code: reply.code, message: reply.message, rssBytes });
}

function configure(given: WorkerSettings): void {
  settings = given;
  pool = createTaskThreadPool({ threads: given.threads, announce: true, taskModule: given.taskModule });
  for (let slot = 0; slot < given.threads; slot += 1) freeSlots.push(slot);
  pool.call({ id: 0, slot: 0, task: null, input: null }).then(
    () => send({ type: 'ready' }),
    (error: unknown) => {
      writeError(error);
      die();
    },
  );
}

function receive(message: MessageToWorker): void {
  switch (message.type) {
    case 'configure':
      configure(message.settings);
      break;
    case 'run':
      waiting.set(message.id, message);
      startNext();
      break;
    case 'drop':
      if (waiting.delete(message.id)) send({ type: 'dropped', id: message.id });
      break;
  }
}

function writeError(thrown: unknown): void {
  try {
    writeSync(2, `${thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)}\n`);
  } catch {
    // Nobody listens.
  }
}

function preferAsVictim(): void {
  if (process.platform !== 'linux') return;
  try {
    // When the machine runs out of memory the kernel should take a worker, which is replaced, and not the core.
    writeFileSync('/proc/self/oom_score_adj', '800');
  } catch {
    // Not allowed here; the budget above still holds.
  }
}

process.on('uncaughtException', (error) => {
  writeError(error);
  die();
});
// A utility process of Electron would only warn of it.
process.on('unhandledRejection', (reason) => {
  throw reason;
});
// A terminal's Ctrl-C reaches the whole group; the core decides what it means for the workers.
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
preferAsVictim();
