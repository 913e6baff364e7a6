import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type DisplayArea, LEAST_SIZE, placeWindow, type WindowState, windowStateSchema } from './window-state.ts';

const laptop: DisplayArea = { id: 1, workArea: { x: 0, y: 25, width: 1440, height: 875 } };
const desk: DisplayArea = { id: 2, workArea: { x: 1440, y: 0, width: 2560, height: 1440 } };

function stateOn({ id, workArea }: DisplayArea, bounds: WindowState['bounds']): WindowState {
  return { bounds, isMaximized: false, isFullScreen: false, display: { id, workArea } };
}

const area = fc.record({
  x: fc.integer({ min: -8000, max: 8000 }),
  y: fc.integer({ min: -8000, max: 8000 }),
  width: fc.integer({ min: 320, max: 8000 }),
  height: fc.integer({ min: 240, max: 5000 }),
});
/** Side by side: what one display shows of another is that display's, so that a window is on one only. */
const displays = fc
  .uniqueArray(fc.record({ id: fc.integer({ min: 1, max: 6 }), workArea: area }), {
    minLength: 1,
    maxLength: 4,
    selector: ({ id }) => id,
  })
  .map((each) => {
    let x = -8000;
    return each.map(({ id, workArea }): DisplayArea => {
      const placed = { id, workArea: { ...workArea, x } };
      x += workArea.width;
      return placed;
    });
  });
const state: fc.Arbitrary<WindowState> = fc.record({
  bounds: fc.record({
    x: fc.integer({ min: -50_000, max: 50_000 }),
    y: fc.integer({ min: -50_000, max: 50_000 }),
    width: fc.integer({ min: 1, max: 50_000 }),
    height: fc.integer({ min: 1, max: 50_000 }),
  }),
  isMaximized: fc.boolean(),
  isFullScreen: fc.boolean(),
  display: fc.record({ id: fc.integer({ min: 1, max: 8 }), workArea: area }),
});

function isWithin(inner: WindowState['bounds'], outer: WindowState['bounds']): boolean {
  return (
    inner.x >= outer.x &&
    inner.y >= outer.y &&
    inner.x + inner.width <= outer.x + outer.width &&
    inner.y + inner.height <= outer.y + outer.height
  );
}

test('the first window is in the middle of the primary display', () => {
  assert.deepEqual(placeWindow(null, [laptop, desk]).bounds, { x: 80, y: 32, width: 1280, height: 860 });
});

test('a window is found again where it was', () => {
  const bounds = { x: 2000, y: 100, width: 1000, height: 700 };
  assert.deepEqual(placeWindow(stateOn(desk, bounds), [laptop, desk]).bounds, bounds);
});

test('a display that has moved takes its window along', () => {
  const left = { ...desk, workArea: { ...desk.workArea, x: -2560 } };
  const { bounds } = placeWindow(stateOn(desk, { x: 2000, y: 100, width: 1000, height: 700 }), [laptop, left]);
  assert.deepEqual(bounds, { x: -2000, y: 100, width: 1000, height: 700 });
});

test('a window whose display is gone comes to the one that is there', () => {
  const { bounds } = placeWindow(stateOn(desk, { x: 2000, y: 100, width: 2000, height: 1200 }), [laptop]);
  assert.deepEqual(bounds, laptop.workArea);
});

test('a display whose scale has grown holds a smaller window', () => {
  const scaled = { ...desk, workArea: { x: 1440, y: 0, width: 1280, height: 720 } };
  const { bounds } = placeWindow(stateOn(desk, { x: 2600, y: 600, width: 1300, height: 800 }), [laptop, scaled]);
  assert.deepEqual(bounds, scaled.workArea);
});

test('a window lies whole within one display, and is no smaller than it can be', () => {
  fc.assert(
    fc.property(fc.option(state), displays, (remembered, there) => {
      const { bounds } = placeWindow(remembered, there);
      const home = there.find(({ workArea }) => isWithin(bounds, workArea));
      assert.ok(home !== undefined, JSON.stringify(bounds));
      const fits = there.some(
        ({ workArea }) =>
          isWithin(bounds, workArea) &&
          bounds.width >= Math.min(LEAST_SIZE.width, workArea.width) &&
          bounds.height >= Math.min(LEAST_SIZE.height, workArea.height),
      );
      assert.ok(fits, JSON.stringify(bounds));
    }),
    { numRuns: 500 },
  );
});

test('what was placed once stays where it is, and keeps whether it fills the screen', () => {
  fc.assert(
    fc.property(state, displays, (remembered, there) => {
      const first = placeWindow(remembered, there);
      const home = there.find(({ workArea }) => isWithin(first.bounds, workArea)) as DisplayArea;
      const again = placeWindow({ ...first, display: home }, there);
      assert.deepEqual(again, first);
      assert.deepEqual([again.isMaximized, again.isFullScreen], [remembered.isMaximized, remembered.isFullScreen]);
    }),
    { numRuns: 500 },
  );
});

test('what is no state is not taken for one', () => {
  assert.ok(windowStateSchema.safeParse(stateOn(laptop, laptop.workArea)).success);
  fc.assert(fc.property(fc.anything(), (junk) => assert.equal(windowStateSchema.safeParse(junk).success, false)));
});
