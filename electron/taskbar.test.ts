import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { type TestContext, test } from 'node:test';
import type { App, BrowserWindow } from 'electron';
import { createTaskbar } from './taskbar.ts';
import { makeJob, makeLibrary, makeState } from './testing/live-library.ts';

function start(context: TestContext, platform: NodeJS.Platform = 'darwin', isKnown = true) {
  context.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  const did: string[] = [];
  const dock = {
    setBadge: (text: string) => void did.push(`badge ${text}`),
    bounce: (kind: string) => void did.push(`bounce ${kind}`),
  };
  const app = Object.assign(new EventEmitter(), {
    ...(platform === 'darwin' ? { dock } : {}),
    setBadgeCount: (count: number) => did.push(`count ${count}`) > 0,
  });
  const modes: string[] = [];
  let isFocused = false;
  let isDestroyed = false;
  const window = {
    isDestroyed: () => isDestroyed,
    isFocused: () => isFocused,
    setProgressBar: (value: number, options?: { mode: string }) => void modes.push(options?.mode ?? String(value)),
  };
  const library = makeLibrary(makeState({ isKnown }));
  const taskbar = createTaskbar({
    app: app as unknown as App,
    platform,
    library,
    window: () => window as unknown as BrowserWindow,
  });
  context.after(taskbar.stop);
  const settle = () => context.mock.timers.tick(1_000);
  const focus = (now: boolean) => {
    isFocused = now;
    if (now) app.emit('browser-window-focus');
    settle();
  };
  const destroy = () => {
    isDestroyed = true;
  };
  return { app, taskbar, library, did, modes, settle, focus, destroy };
}

test('the dock counts what nobody has seen, and forgets it when somebody looks', (context) => {
  const { taskbar, did, focus } = start(context);
  taskbar.onAttention();
  taskbar.onAttention();
  assert.deepEqual(did, ['badge 1', 'bounce informational', 'badge 2', 'bounce informational']);
  focus(true);
  assert.equal(did.at(-1), 'badge ');
});

test('docks of Linux are given the number as well', (context) => {
  const { taskbar, did, focus } = start(context, 'linux');
  taskbar.onAttention();
  taskbar.onAttention();
  focus(true);
  assert.deepEqual(did, ['count 1', 'count 2', 'count 0']);
});

test('Windows, which has none, is given no number', (context) => {
  const { taskbar, did, focus } = start(context, 'win32');
  taskbar.onAttention();
  focus(true);
  assert.deepEqual(did, []);
});

test('the bar tells of a failure that nobody saw, until somebody looks', (context) => {
  const { library, modes, settle, focus } = start(context);
  const failed = makeJob({ state: 'failed' });
  focus(true);
  library.change({}, [failed]);
  settle();
  assert.equal(modes.at(-1), 'none', 'it was seen in the window');
  focus(false);
  library.change({}, [failed]);
  settle();
  assert.equal(modes.at(-1), 'error');
  focus(true);
  assert.equal(modes.at(-1), 'none');
});

test('the bar is taken from a window that goes, and given again to one that is shown', (context) => {
  const { app, library, modes, settle } = start(context, 'win32');
  const created = Object.assign(new EventEmitter(), {
    setProgressBar: (value: number) => void modes.push(String(value)),
  });
  app.emit('browser-window-created', {}, created);
  library.change({ jobs: [makeJob({ progress: 40, state: 'paused' })] });
  settle();
  assert.deepEqual(modes, ['paused']);
  library.change({ jobs: [makeJob({ progress: 40, state: 'paused' })] });
  settle();
  assert.deepEqual(modes, ['paused'], 'the same is not told again');
  created.emit('close');
  settle();
  assert.equal(modes.at(-1), '-1');
  created.emit('hide');
  settle();
  assert.equal(modes.at(-1), 'paused', 'it was only hidden');
  const before = modes.length;
  created.emit('show');
  settle();
  assert.deepEqual(modes.slice(before), ['paused']);
});

test('what had failed before the program was there is no failure that nobody saw', (context) => {
  const { library, modes, settle } = start(context, 'linux', false);
  library.change({ isKnown: true }, [makeJob({ state: 'failed' })]);
  settle();
  assert.deepEqual(modes, ['none']);
});

test('a window that is gone is told nothing', (context) => {
  const { library, modes, settle, destroy } = start(context);
  destroy();
  library.change({ jobs: [makeJob({ progress: 40 })] });
  settle();
  assert.deepEqual(modes, []);
});
