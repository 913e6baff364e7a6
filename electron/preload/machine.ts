/** What only a page can know of the machine: the charge of its battery, and whether its network is paid for by what passes. */

import type { Tidings } from '../channels.ts';

type Power = Tidings['pixcrawler:power'];

/** Told again at least so often, in case a change was missed. */
const EVERY_MS = 3 * 60 * 1000;

/** https://www.w3.org/TR/battery-status/ */
interface Battery extends EventTarget {
  readonly charging: boolean;
  /** 0 to 1. */
  readonly level: number;
}

/** https://wicg.github.io/netinfo/ */
interface Connection extends EventTarget {
  readonly type?: string;
  readonly saveData?: boolean;
}

interface Machine {
  readonly getBattery?: () => Promise<Battery>;
  readonly connection?: Connection;
}

/** Tells how things stand, now and whenever they change. */
export function watchMachine(tell: (power: Power) => void): void {
  const { connection } = navigator as Machine;
  let battery: Battery | null = null;
  const report = () =>
    tell({
      batteryLevel: battery?.level ?? null,
      isCharging: battery?.charging ?? null,
      isMetered: isMetered(connection),
    });
  const watch = async () => {
    battery = (await (navigator as Machine).getBattery?.().catch(() => null)) ?? null;
    battery?.addEventListener('levelchange', report);
    battery?.addEventListener('chargingchange', report);
    report();
  };
  connection?.addEventListener('change', report);
  setInterval(report, EVERY_MS);
  void watch();
}

/** Known only where the kind of the network is told, or the user has asked for less to be loaded. */
function isMetered(connection: Connection | undefined): boolean | null {
  if (connection?.saveData === true || connection?.type === 'cellular') return true;
  return connection?.type === undefined || connection.type === 'unknown' ? null : false;
}
