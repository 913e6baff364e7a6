/** Keeps the core told why jobs should rest, and the computer awake while they run, if a person wants that. */

import type { PowerMonitor, PowerSaveBlocker } from 'electron';
import type { HttpClient } from '../sdk/client.ts';
import type { HostHold } from '../shared/vocabulary.ts';
import type { LibraryState, LiveLibrary } from './live-library.ts';
import type { BatteryState, Machine } from './machine.ts';
import { holdsOf, type MachineState } from './power-rules.ts';

/** The network comes back some seconds after the computer. */
const AFTER_RESUME_MS = 5_000;
/** Networks change seldom, and asking takes a process of its own. */
const NETWORK_EVERY_MS = 120_000;

const UNKNOWN_BATTERY: BatteryState = { isOnBattery: false, batteryLevel: null };
const UNKNOWN_NETWORK: Pick<MachineState, 'isMetered'> = { isMetered: null };

interface PowerOptions {
  readonly library: LiveLibrary;
  readonly client: HttpClient;
  readonly powerMonitor: PowerMonitor;
  readonly powerSaveBlocker: PowerSaveBlocker;
  /** Called with why jobs should rest, whenever that has changed. */
  readonly onHolds: (holds: readonly HostHold[]) => void;
  readonly machine: Machine;
  /** Default: 5,000 milliseconds. */
  readonly afterResumeMs?: number;
  /** Default: 120,000 milliseconds between two looks at the network. */
  readonly networkEveryMs?: number;
}

export interface Power {
  stop(): void;
}

/** Electron must be ready. */
export function createPower(options: PowerOptions): Power {
  const { library, client, powerMonitor, powerSaveBlocker, onHolds, machine } = options;
  const { afterResumeMs = AFTER_RESUME_MS, networkEveryMs = NETWORK_EVERY_MS } = options;
  let known: MachineState = { ...UNKNOWN_BATTERY, ...UNKNOWN_NETWORK, isSuspending: false };
  let holds: readonly HostHold[] = [];
  /** What the core was told last; null when a new one knows nothing yet. */
  let told: string | null = null;
  let blocker: number | null = null;
  let resumeTimer: NodeJS.Timeout | undefined;

  const tell = async () => {
    const wanted = JSON.stringify(holds);
    if (wanted === told) return;
    told = wanted;
    try {
      await client.jobs.setHolds({ holds: [...holds] });
    } catch {
      // The core is gone: the next one is told when it is there.
      if (told === wanted) told = null;
    }
  };
  const decide = () => {
    const before = holds;
    holds = holdsOf(known, library.state.settings, before);
    if (holds.join() !== before.join()) onHolds(holds);
    if (library.state.isKnown) void tell();
  };
  const update = (change: Partial<MachineState>) => {
    known = { ...known, ...change };
    decide();
  };
  const battery = createWatch({
    isNeeded: ({ jobs, settings }) => jobs.length > 0 && settings.pauseBelowBatteryPercent > 0,
    everyMs: machine.batteryEveryMs,
    ask: async () => {
      const now = await machine.battery();
      // What is on battery only becomes emptier: a charge that cannot be read this time is at most the last one.
      return { ...now, batteryLevel: now.batteryLevel ?? (known.isOnBattery ? known.batteryLevel : null) };
    },
    unknown: UNKNOWN_BATTERY,
    update,
  });
  const network = createWatch({
    isNeeded: ({ jobs, settings }) => jobs.length > 0 && settings.pauseOnMetered,
    everyMs: networkEveryMs,
    ask: async () => ({ isMetered: await machine.isMetered() }),
    unknown: UNKNOWN_NETWORK,
    update,
  });
  const keepAwake = () => {
    const { jobs, settings } = library.state;
    const isWanted = settings.keepAwake && jobs.some(({ state }) => state === 'active');
    if (isWanted && blocker === null) blocker = powerSaveBlocker.start('prevent-app-suspension');
    else if (!isWanted) letSleep();
  };
  const letSleep = () => {
    if (blocker !== null) powerSaveBlocker.stop(blocker);
    blocker = null;
  };

  library.onConnected(() => {
    told = null;
    decide();
  });
  library.onChange(({ before, after }) => {
    if (before.settings !== after.settings) decide();
    for (const watch of [battery, network]) watch.check(after);
    keepAwake();
  });
  // Not every system tells: Linux neither, Windows only the second.
  powerMonitor.on('on-battery', battery.look);
  powerMonitor.on('on-ac', () => update({ isOnBattery: false }));
  powerMonitor.on('suspend', () => {
    clearTimeout(resumeTimer);
    update({ isSuspending: true });
  });
  powerMonitor.on('resume', () => {
    clearTimeout(resumeTimer);
    resumeTimer = setTimeout(() => {
      update({ isSuspending: false });
      // It may have been carried elsewhere.
      void battery.look();
      void network.look();
    }, afterResumeMs);
  });

  return {
    stop() {
      battery.stop();
      network.stop();
      clearTimeout(resumeTimer);
      letSleep();
    },
  };
}

interface WatchOptions<Fact extends Partial<MachineState>> {
  readonly isNeeded: (library: LibraryState) => boolean;
  readonly everyMs: number;
  readonly ask: () => Promise<Fact>;
  /** What is known while nobody looks. */
  readonly unknown: Fact;
  readonly update: (fact: Fact) => void;
}

/** Looks at once and then again and again, but only while there are jobs that could rest for it. */
function createWatch<Fact extends Partial<MachineState>>({
  isNeeded,
  everyMs,
  ask,
  unknown,
  update,
}: WatchOptions<Fact>) {
  let timer: NodeJS.Timeout | undefined;
  const look = async () => {
    if (timer === undefined) return;
    const fact = await ask();
    if (timer !== undefined) update(fact);
  };
  const stop = () => {
    clearInterval(timer);
    timer = undefined;
  };
  return {
    look,
    stop,
    check(library: LibraryState) {
      if (isNeeded(library) === (timer !== undefined)) return;
      if (timer === undefined) {
        timer = setInterval(look, everyMs).unref();
        void look();
      } else {
        stop();
        update(unknown);
      }
    },
  };
}
