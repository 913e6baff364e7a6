/** What is remembered of the window's place while the built desktop runs, and what a new one has of it. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { WindowState } from '../../electron/window-state.ts';
import type { Inside } from './harness.ts';
import { eventually, homeFor, openDesktopFor } from './life.ts';

const isVisible = ({ recorded }: Inside) => recorded.windows[0]?.window.isVisible();
const place = ({ recorded }: Inside) => {
  const { window } = recorded.windows[0]!;
  return { isMaximized: window.isMaximized(), isFullScreen: window.isFullScreen(), bounds: window.getNormalBounds() };
};

test('each change of its place is remembered at once, so that a program which is killed has it as well', async (context) => {
  const { dataDirectory } = homeFor(context);
  const desktop = await openDesktopFor(context, { dataDirectory });
  await desktop.until(isVisible);
  const remembered = () =>
    JSON.parse(readFileSync(join(dataDirectory, 'desktop', 'window.json'), 'utf8')) as WindowState;
  type Act = 'move' | 'resize' | 'maximize' | 'unmaximize' | 'fill' | 'leave';
  const act = (what: Act) =>
    desktop.evaluate(({ recorded }, wanted) => {
      const { window } = recorded.windows[0]!;
      if (wanted === 'move') window.setPosition(70, 80);
      else if (wanted === 'resize') window.setSize(900, 640);
      else if (wanted === 'maximize') window.maximize();
      else if (wanted === 'unmaximize') window.unmaximize();
      else window.setFullScreen(wanted === 'fill');
    }, what);
  await act('move');
  await eventually(() => remembered().bounds.x === 70);
  await act('resize');
  await eventually(() => remembered().bounds.width === 900);
  await act('maximize');
  await eventually(() => remembered().isMaximized);
  await act('unmaximize');
  await eventually(() => !remembered().isMaximized);
  await act('fill');
  await eventually(() => remembered().isFullScreen);
  await act('leave');
  await eventually(() => !remembered().isFullScreen);
  assert.deepEqual(remembered().bounds, { x: 70, y: 80, width: 900, height: 640 });
});

for (const shape of ['maximize', 'setFullScreen'] as const) {
  test(`${shape}: a window that fills its display comes back so, and with the place that it leaves that for`, async (context) => {
    const { dataDirectory } = homeFor(context);
    const bounds = { x: 70, y: 80, width: 900, height: 640 };
    const desktop = await openDesktopFor(context, { dataDirectory });
    await desktop.until(isVisible);
    await desktop.evaluate(
      ({ recorded }, [wanted, normal]) => {
        const { window } = recorded.windows[0]!;
        window.setBounds(normal);
        window[wanted](true);
      },
      [shape, bounds] as const,
    );
    const before = await desktop.evaluate(place);
    assert.deepEqual(before, { isMaximized: shape === 'maximize', isFullScreen: shape === 'setFullScreen', bounds });
    await desktop.close();
    const next = await openDesktopFor(context, { dataDirectory });
    await next.until(isVisible);
    assert.deepEqual(await next.evaluate(place), before);
  });
}

test('the window is dark where the system is, and keeps its own title', async (context) => {
  const { dataDirectory } = homeFor(context);
  const desktop = await openDesktopFor(context, { dataDirectory, machine: { platform: 'darwin' } });
  await desktop.until(isVisible);
  const isKept = await desktop.evaluate(({ electron, recorded }) => {
    const { window } = recorded.windows[0]!;
    let isPrevented = false;
    const event = { preventDefault: () => (isPrevented = true) } as unknown as Electron.Event;
    window.emit('page-title-updated', event, 'A tab');
    window.destroy();
    electron.nativeTheme.themeSource = 'dark';
    electron.app.emit('activate');
    return isPrevented;
  });
  assert.ok(isKept);
  assert.equal(await desktop.evaluate(({ recorded }) => recorded.windows[1]?.options.backgroundColor), '#1b1b1b');
});
