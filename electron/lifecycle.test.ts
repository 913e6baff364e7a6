import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { type TestContext, test } from 'node:test';
import type { App, PowerMonitor } from 'electron';
import { createLifecycle } from './lifecycle.ts';

/** A program that is to be ended in a way of its own. @returns what was done to end it, in order */
async function endBy(context: TestContext, end: (quit: () => void) => void): Promise<() => readonly string[]> {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const did: string[] = [];
  const events = new EventEmitter();
  const app = Object.assign(events, {
    quit() {
      let isPrevented = false;
      events.emit('before-quit', { preventDefault: () => (isPrevented = true) });
      if (!isPrevented) did.push('quit');
    },
  });
  const lifecycle = createLifecycle({
    app: app as unknown as App,
    powerMonitor: new EventEmitter() as unknown as PowerMonitor,
    platform: 'linux',
    log: { path: '', write: () => undefined, error: () => undefined },
    closesToTray: () => true,
    onStaysBehind: () => undefined,
    showWindow: () => undefined,
    stop: async () => void did.push('stop'),
  });
  lifecycle.endBy(() => {
    did.push('end');
    end(app.quit);
  });
  assert.equal(lifecycle.staysBehind(), false);
  await Promise.resolve();
  await new Promise((resolve) => setImmediate(resolve));
  return () => did;
}

test('an update that does not end the program leaves no window without a core', async (context) => {
  const did = await endBy(context, () => undefined);
  assert.deepEqual(did(), ['stop', 'end']);
  context.mock.timers.tick(10_000);
  assert.deepEqual(did(), ['stop', 'end', 'quit']);
});

test('an update that quits is let install', async (context) => {
  const did = await endBy(context, (quit) => quit());
  assert.deepEqual(did(), ['stop', 'end', 'quit']);
});
