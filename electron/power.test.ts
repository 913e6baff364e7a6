import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import type { PowerMonitor, PowerSaveBlocker } from 'electron';
import fc from 'fast-check';
import type { HttpClient } from '../sdk/client.ts';
import { HOST_HOLDS, type HostHold } from '../shared/vocabulary.ts';
import { createPower } from './power.ts';
import { holdsOf, type MachineState } from './power-rules.ts';
import { makeJob, makeLibrary } from './testing/live-library.ts';

const RULES = { pauseBelowBatteryPercent: 20, pauseOnMetered: true, pauseOnSuspend: true };
const CALM: MachineState = {
  isOnBattery: false,
  batteryLevel: 1,
  isCharging: null,
  isMetered: false,
  isSuspending: false,
};

const machine: fc.Arbitrary<MachineState> = fc.record({
  isOnBattery: fc.boolean(),
  batteryLevel: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
  isCharging: fc.option(fc.boolean()),
  isMetered: fc.option(fc.boolean()),
  isSuspending: fc.boolean(),
});
const rules = fc.record({
  pauseBelowBatteryPercent: fc.integer({ min: 0, max: 100 }),
  pauseOnMetered: fc.boolean(),
  pauseOnSuspend: fc.boolean(),
});
const before = fc.subarray([...HOST_HOLDS]);

test('each rule holds for its own reason alone', () => {
  assert.deepEqual(holdsOf(CALM, RULES, []), []);
  assert.deepEqual(holdsOf({ ...CALM, isOnBattery: true, batteryLevel: 0.19 }, RULES, []), ['battery']);
  assert.deepEqual(holdsOf({ ...CALM, isOnBattery: true, batteryLevel: 0.2 }, RULES, []), []);
  assert.deepEqual(holdsOf({ ...CALM, isOnBattery: false, batteryLevel: 0.01 }, RULES, []), []);
  assert.deepEqual(holdsOf({ ...CALM, isMetered: true }, RULES, []), ['metered']);
  assert.deepEqual(holdsOf({ ...CALM, isSuspending: true }, RULES, []), ['suspend']);
});

test('a charge that wavers around the limit does not start and stop jobs', () => {
  const at = (batteryLevel: number): MachineState => ({ ...CALM, isOnBattery: true, batteryLevel });
  assert.deepEqual(holdsOf(at(0.21), RULES, ['battery']), ['battery']);
  assert.deepEqual(holdsOf(at(0.22), RULES, ['battery']), []);
});

test('a rule that is off, and what nobody knows, holds nothing', () => {
  fc.assert(
    fc.property(machine, rules, before, (state, wanted, held) => {
      const holds = holdsOf(state, wanted, held);
      if (wanted.pauseBelowBatteryPercent === 0 || state.batteryLevel === null || state.isCharging === true) {
        assert.ok(!holds.includes('battery'));
      }
      if (!wanted.pauseOnMetered || state.isMetered === null) assert.ok(!holds.includes('metered'));
      if (!wanted.pauseOnSuspend) assert.ok(!holds.includes('suspend'));
      assert.deepEqual(holdsOf(state, wanted, holds), holds, 'deciding again changes nothing');
    }),
    { numRuns: 500 },
  );
});

test('less charge never lets jobs go on', () => {
  fc.assert(
    fc.property(machine, rules, before, fc.double({ min: 0, max: 1, noNaN: true }), (state, wanted, held, factor) => {
      const isLow = (batteryLevel: number | null) =>
        holdsOf({ ...state, batteryLevel }, wanted, held).includes('battery');
      if (state.batteryLevel !== null && isLow(state.batteryLevel)) assert.ok(isLow(state.batteryLevel * factor));
    }),
    { numRuns: 500 },
  );
});

/** Power over a monitor, a core and a blocker that a test looks at. */
function makePower(setHolds: (holds: readonly HostHold[]) => Promise<void> = async () => undefined) {
  const monitor = Object.assign(new EventEmitter(), { isOnBatteryPower: () => monitor.battery, battery: false });
  const library = makeLibrary();
  const told: (readonly HostHold[])[] = [];
  const blockers = new Set<number>();
  const changes: (readonly HostHold[])[] = [];
  let pages = 0;
  const client = {
    jobs: {
      setHolds: async ({ holds }: { holds: HostHold[] }) => {
        told.push(holds);
        await setHolds(holds);
      },
    },
  } as unknown as HttpClient;
  const power = createPower({
    library,
    client,
    powerMonitor: monitor as unknown as PowerMonitor,
    powerSaveBlocker: {
      start: () => {
        blockers.add(blockers.size + 1);
        return blockers.size;
      },
      stop: (id) => blockers.delete(id),
      isStarted: (id) => blockers.has(id),
    } as PowerSaveBlocker,
    onHolds: (holds) => changes.push(holds),
    preparePage: () => {
      pages += 1;
    },
    afterResumeMs: 5,
  });
  return { monitor, library, told, blockers, changes, pages: () => pages, power };
}

test('the core is told of changes, and a new one of how things stand', async () => {
  const { monitor, library, told, changes, power } = makePower();
  power.onReport({ batteryLevel: 0.1, isCharging: false, isMetered: false });
  assert.deepEqual(told, [[]]);
  monitor.emit('on-battery');
  monitor.emit('on-battery');
  assert.deepEqual(told.at(-1), ['battery']);
  assert.equal(told.length, 2);
  library.connect();
  assert.deepEqual(told.slice(2), [['battery']]);
  library.change({ settings: { ...library.state.settings, pauseBelowBatteryPercent: 0 } });
  assert.deepEqual(told.at(-1), [], 'a rule that is turned off lets go at once');
  power.onReport({ batteryLevel: null, isCharging: null, isMetered: true });
  assert.deepEqual(told.at(-1), ['metered']);
  assert.deepEqual(changes, [['battery'], [], ['metered']], 'the next core begins with what holds');
  power.stop();
});

test('a page is made for the charge of the battery, when that matters and nobody knows it', () => {
  const { monitor, library, pages, power } = makePower();
  library.change({ jobs: [makeJob()] });
  assert.equal(pages(), 0, 'it is on mains');
  library.change({ jobs: [] });
  monitor.emit('on-battery');
  assert.equal(pages(), 0, 'nothing runs');
  library.change({ jobs: [makeJob()] });
  assert.equal(pages(), 1);
  power.onReport({ batteryLevel: 0.9, isCharging: false, isMetered: null });
  library.change({ jobs: [makeJob(), makeJob({ id: 2 })] });
  assert.equal(pages(), 1, 'it is known');
  power.stop();
});

test('what a core that is gone was not told the next one is', async () => {
  let isGone = true;
  const { library, told, power } = makePower(async () => {
    if (isGone) throw new Error('gone');
  });
  power.onReport({ batteryLevel: null, isCharging: null, isMetered: true });
  await new Promise(setImmediate);
  isGone = false;
  library.connect();
  assert.deepEqual(told, [['metered'], ['metered']]);
  power.stop();
});

test('jobs rest while the computer sleeps and go on when the network may be back', async () => {
  const { monitor, told, power } = makePower();
  monitor.emit('suspend');
  assert.deepEqual(told.at(-1), ['suspend']);
  monitor.emit('resume');
  assert.deepEqual(told.at(-1), ['suspend']);
  await new Promise((done) => setTimeout(done, 30));
  assert.deepEqual(told.at(-1), []);
  monitor.emit('resume');
  monitor.emit('suspend');
  await new Promise((done) => setTimeout(done, 30));
  assert.deepEqual(told.at(-1), ['suspend'], 'it slept again before it was over');
  power.stop();
});

test('the computer stays awake while a job runs, if that is wanted', () => {
  const { library, blockers, power } = makePower();
  const settings = { ...library.state.settings, keepAwake: true };
  library.change({ jobs: [makeJob()] });
  assert.equal(blockers.size, 0);
  library.change({ settings });
  library.change({ jobs: [makeJob({ progress: 3 })] });
  assert.equal(blockers.size, 1);
  library.change({ jobs: [makeJob({ state: 'waiting' })] });
  assert.equal(blockers.size, 0);
  library.change({ jobs: [makeJob()] });
  assert.equal(blockers.size, 1);
  power.stop();
  assert.equal(blockers.size, 0);
});
