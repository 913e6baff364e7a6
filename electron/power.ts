/** Keeps the core told why jobs should rest, and the computer awake while they run, if a person wants that. */

import type { PowerMonitor, PowerSaveBlocker } from 'electron';
import type { HttpClient } from '../sdk/client.ts';
import type { HostHold } from '../shared/vocabulary.ts';
import type { Tidings } from './channels.ts';
import type { LibraryState, LiveLibrary } from './live-library.ts';
import { holdsOf, type MachineState } from './power-rules.ts';

/** The network comes back some seconds after the computer. */
const AFTER_RESUME_MS = 5_000;

interface PowerOptions {
  readonly library: LiveLibrary;
  readonly client: HttpClient;
  readonly powerMonitor: PowerMonitor;
  readonly powerSaveBlocker: PowerSaveBlocker;
  /** Called with why jobs should rest, whenever that has changed. */
  readonly onHolds: (holds: readonly HostHold[]) => void;
  /** Makes a page that is not seen, where there is none: only pages know the charge of the battery. */
  readonly preparePage: () => void;
  /** Default: 5,000 milliseconds. */
  readonly afterResumeMs?: number;
}

export interface Power {
  /** What a page knows of the machine. */
  onReport(report: Tidings['pixcrawler:power']): void;
  stop(): void;
}

/** Electron must be ready. */
export function createPower(options: PowerOptions): Power {
  const { library, client, powerMonitor, powerSaveBlocker, onHolds, preparePage } = options;
  const { afterResumeMs = AFTER_RESUME_MS } = options;
  let machine: MachineState = {
    isOnBattery: powerMonitor.isOnBatteryPower(),
    batteryLevel: null,
    isCharging: null,
    isMetered: null,
    isSuspending: false,
  };
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
    holds = holdsOf(machine, library.state.settings, before);
    if (holds.join() !== before.join()) onHolds(holds);
    if (!library.state.isKnown) return;
    void tell();
    if (needsCharge(machine, library.state)) preparePage();
  };
  const update = (change: Partial<MachineState>) => {
    machine = { ...machine, ...change };
    decide();
  };
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
    if (before.settings !== after.settings || before.jobs.length !== after.jobs.length) decide();
    keepAwake();
  });
  powerMonitor.on('on-battery', () => update({ isOnBattery: true }));
  powerMonitor.on('on-ac', () => update({ isOnBattery: false }));
  powerMonitor.on('suspend', () => {
    clearTimeout(resumeTimer);
    update({ isSuspending: true });
  });
  powerMonitor.on('resume', () => {
    clearTimeout(resumeTimer);
    resumeTimer = setTimeout(
      () => update({ isSuspending: false, isOnBattery: powerMonitor.isOnBatteryPower() }),
      afterResumeMs,
    );
  });

  return {
    onReport: update,
    stop() {
      clearTimeout(resumeTimer);
      letSleep();
    },
  };
}

/** A program that was started without a window has nobody who could say how full the battery is. */
function needsCharge({ isOnBattery, batteryLevel }: MachineState, { jobs, settings }: LibraryState): boolean {
  return isOnBattery && batteryLevel === null && settings.pauseBelowBatteryPercent > 0 && jobs.length > 0;
}
