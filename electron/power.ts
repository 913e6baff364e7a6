/** Keeps the core told why jobs should rest, and the computer awake while they run, if a person wants that. */

import type { PowerMonitor, PowerSaveBlocker } from 'electron';
import type { HttpClient } from '../sdk/client.ts';
import type { HostHold } from '../shared/vocabulary.ts';
import type { Tidings } from './channels.ts';
import type { LiveLibrary } from './live-library.ts';
import { holdsOf, type MachineState } from './power-rules.ts';

/** The network comes back some seconds after the computer. */
const AFTER_RESUME_MS = 5_000;

interface PowerOptions {
  readonly library: LiveLibrary;
  readonly client: HttpClient;
  readonly powerMonitor: PowerMonitor;
  readonly powerSaveBlocker: PowerSaveBlocker;
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
  const { library, client, powerMonitor, powerSaveBlocker, afterResumeMs = AFTER_RESUME_MS } = options;
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
    holds = holdsOf(machine, library.state.settings, holds);
    if (library.state.isKnown) void tell();
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
    if (before.settings !== after.settings) decide();
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
