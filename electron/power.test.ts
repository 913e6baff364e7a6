import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import type { PowerMonitor, PowerSaveBlocker } from 'electron';
import fc from 'fast-check';
import type { HttpClient } from '../sdk/client.ts';
import { HOST_HOLDS, type HostHold } from '../shared/vocabulary.ts';
import type { BatteryState } from './machine.ts';
import { createPower } from './power.ts';
import { holdsOf, type MachineState } from './power-rules.ts';
import { makeJob, makeLibrary, makeState } from './testing/live-library.ts';

const RULES = { pauseBelowBatteryPercent: 20, pauseOnMetered: true, pauseOnSuspend: true };
const CALM: MachineState = {
  isOnBattery: false,
  batteryLevel: 1,
  isMetered: false,
  isSuspending: false,
};

const machine: fc.Arbitrary<MachineState> = fc.record({
  isOnBattery: fc.boolean(),
  batteryLevel: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
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
      if (wanted.pauseBelowBatteryPercent === 0 || state.batteryLevel === null) assert.ok(!holds.includes('battery'));
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

/** Power over a monitor, a machine, a core and a blocker that a test looks at. */
interface Given {
  readonly setHolds?: (holds: readonly HostHold[]) => Promise<void>;
  readonly everyMs?: number;
  readonly isKnown?: boolean;
}

function makePower({ setHolds = async () => undefined, everyMs = 5, isKnown = true }: Given = {}) {
  const monitor = new EventEmitter();
  const library = makeLibrary(makeState({ isKnown }));
  const told: (readonly HostHold[])[] = [];
  const blockers = new Set<number>();
  const changes: (readonly HostHold[])[] = [];
  const machine = {
    state: { isOnBattery: false, batteryLevel: null } as BatteryState,
    isMetered: null as boolean | null,
    looks: { battery: 0, network: 0 },
  };
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
    machine: {
      batteryEveryMs: everyMs,
      battery: async () => {
        machine.looks.battery += 1;
        return machine.state;
      },
      isMetered: async () => {
        machine.looks.network += 1;
        return machine.isMetered;
      },
    },
    networkEveryMs: everyMs,
    afterResumeMs: 5,
  });
  return { monitor, library, told, blockers, changes, machine, power };
}

const someLooks = () => new Promise((done) => setTimeout(done, 40));

test('the core is told of changes, and a new one of how things stand', async () => {
  const { library, told, changes, machine, power } = makePower();
  machine.state = { isOnBattery: true, batteryLevel: 0.1 };
  library.connect();
  library.change({ jobs: [makeJob()] });
  await someLooks();
  assert.deepEqual(told, [[], ['battery']], 'the same is not told again');
  library.connect();
  assert.deepEqual(told.slice(2), [['battery']]);
  const { settings } = library.state;
  library.change({ settings: { ...settings, pauseBelowBatteryPercent: 0 } });
  assert.deepEqual(told.at(-1), [], 'a rule that is turned off lets go at once');
  machine.isMetered = true;
  await someLooks();
  assert.deepEqual(told.at(-1), ['metered']);
  library.change({ settings: { ...settings, pauseBelowBatteryPercent: 0, pauseOnMetered: false } });
  assert.deepEqual(told.at(-1), []);
  assert.deepEqual(changes, [['battery'], [], ['metered'], []], 'the next core begins with what holds');
  power.stop();
});

test('a plug that no event tells of is noticed, and one that an event tells of at once', async () => {
  const { monitor, library, told, machine, power } = makePower();
  library.change({ jobs: [makeJob()] });
  machine.state = { isOnBattery: true, batteryLevel: 0.1 };
  await someLooks();
  assert.deepEqual(told.at(-1), ['battery']);
  machine.state = { isOnBattery: true, batteryLevel: null };
  await someLooks();
  assert.deepEqual(told.at(-1), ['battery'], 'what could not be read this time is not more than it was');
  machine.state = { isOnBattery: false, batteryLevel: null };
  monitor.emit('on-ac');
  assert.deepEqual(told.at(-1), []);
  machine.state = { isOnBattery: true, batteryLevel: null };
  await someLooks();
  assert.deepEqual(told.at(-1), [], 'on mains it may have been charged');
  machine.state = { isOnBattery: true, batteryLevel: 0.1 };
  await someLooks();
  machine.state = { isOnBattery: false, batteryLevel: 0.11 };
  await someLooks();
  assert.deepEqual(told.at(-1), []);
  power.stop();
});

test('the machine is asked only while a job could rest for it', async () => {
  const { monitor, library, told, machine, power } = makePower();
  const { settings } = library.state;
  machine.state = { isOnBattery: true, batteryLevel: 0.1 };
  machine.isMetered = true;
  monitor.emit('on-battery');
  await someLooks();
  assert.deepEqual(machine.looks, { battery: 0, network: 0 }, 'there is no job');
  library.change({ jobs: [makeJob()], settings: { ...settings, pauseOnMetered: false } });
  await someLooks();
  assert.ok(machine.looks.battery > 1);
  assert.equal(machine.looks.network, 0, 'its rule is off');
  assert.deepEqual(told.at(-1), ['battery']);
  library.change({ jobs: [] });
  assert.deepEqual(told.at(-1), [], 'nobody looks, so nothing is known');
  const before = { ...machine.looks };
  await someLooks();
  assert.deepEqual(machine.looks, before);
  library.change({ jobs: [makeJob()] });
  power.stop();
  const atEnd = machine.looks.battery;
  await someLooks();
  assert.equal(machine.looks.battery, atEnd);
});

test('what a core that is gone was not told the next one is', async () => {
  let isGone = true;
  const { library, told, machine, power } = makePower({
    setHolds: async () => {
      if (isGone) throw new Error('gone');
    },
  });
  machine.isMetered = true;
  library.change({ jobs: [makeJob()] });
  await new Promise(setImmediate);
  power.stop();
  assert.deepEqual(told.at(-1), ['metered']);
  const before = told.length;
  isGone = false;
  library.connect();
  assert.deepEqual(told.slice(before), [['metered']]);
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

test('after a sleep both are looked at anew, before their turn', async () => {
  const { monitor, library, machine, power } = makePower({ everyMs: 60_000 });
  library.change({ isKnown: true, jobs: [makeJob()] });
  await someLooks();
  assert.deepEqual(machine.looks, { battery: 1, network: 1 });
  monitor.emit('suspend');
  monitor.emit('resume');
  await someLooks();
  assert.deepEqual(machine.looks, { battery: 2, network: 2 });
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

test('what an event tells, and what the settings say, is heeded before the next look', async () => {
  const { monitor, library, told, machine, power } = makePower({ everyMs: 60_000 });
  const { settings } = library.state;
  library.change({ jobs: [makeJob()] });
  await new Promise(setImmediate);
  machine.state = { isOnBattery: true, batteryLevel: 0.1 };
  monitor.emit('on-battery');
  await new Promise(setImmediate);
  assert.deepEqual(told.at(-1), ['battery']);
  library.change({ settings: { ...settings, pauseBelowBatteryPercent: 5 } });
  assert.deepEqual(told.at(-1), []);
  monitor.emit('suspend');
  library.change({ settings: { ...settings, pauseBelowBatteryPercent: 5, pauseOnSuspend: false } });
  assert.deepEqual(told.slice(-2), [['suspend'], []]);
  power.stop();
});

test('a battery whose rule is off is not asked', async () => {
  const { library, machine, power } = makePower();
  library.change({ jobs: [makeJob()], settings: { ...library.state.settings, pauseBelowBatteryPercent: 0 } });
  await someLooks();
  assert.equal(machine.looks.battery, 0);
  power.stop();
});

test('the network has its time after a sleep, also after one that the system tells of twice', (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const { monitor, told, power } = makePower();
  monitor.emit('suspend');
  monitor.emit('resume');
  context.mock.timers.tick(4);
  assert.deepEqual(told.at(-1), ['suspend']);
  context.mock.timers.tick(1);
  assert.deepEqual(told.at(-1), []);
  monitor.emit('resume');
  monitor.emit('resume');
  monitor.emit('suspend');
  context.mock.timers.tick(5);
  assert.deepEqual(told.at(-1), ['suspend']);
  monitor.emit('resume');
  power.stop();
  context.mock.timers.tick(5);
  assert.deepEqual(told.at(-1), ['suspend'], 'nobody is told any more');
});

test('a core that has not been heard is told nothing', async () => {
  const { monitor, library, told, changes, power } = makePower({ isKnown: false });
  monitor.emit('suspend');
  assert.deepEqual([told, changes], [[], [['suspend']]]);
  library.change({ isKnown: true });
  library.connect();
  assert.deepEqual(told, [['suspend']]);
  power.stop();
});

test('what a core did not take it is told with the next change of anything', async () => {
  let isBusy = true;
  const { library, told, machine, power } = makePower({
    everyMs: 60_000,
    setHolds: async () => {
      if (isBusy) throw new Error('busy');
    },
  });
  machine.isMetered = true;
  library.change({ jobs: [makeJob()] });
  await new Promise(setImmediate);
  assert.deepEqual(told.at(-1), ['metered']);
  isBusy = false;
  const before = told.length;
  library.change({ settings: { ...library.state.settings } });
  assert.deepEqual(told.slice(before), [['metered']]);
  power.stop();
});

test('an answer that comes when nobody wants it any more is not heeded', async () => {
  const { library, told, changes, machine, power } = makePower({ everyMs: 60_000 });
  machine.isMetered = true;
  library.change({ jobs: [makeJob()] });
  library.change({ jobs: [] });
  await new Promise(setImmediate);
  assert.deepEqual([told.at(-1), changes], [[], []]);
  power.stop();
});
