/** The power supplies of the machine, as a Linux kernel shows them: in place of those of the machine that runs the test. */

import { mkdirSync, promises, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { configuration } from './configuration.ts';

/** Of the kernel. */
const THEIRS = '/sys/class/power_supply';
const ours = join(configuration.machine.home, 'power_supply');

/** A laptop with one battery and one plug. */
export function showPowerSupplies(isOnBattery: boolean, level: number): void {
  const supplies = {
    AC: { type: 'Mains', online: isOnBattery ? 0 : 1 },
    BAT0: { type: 'Battery', status: isOnBattery ? 'Discharging' : 'Charging', capacity: Math.round(100 * level) },
  };
  for (const [name, files] of Object.entries(supplies)) {
    mkdirSync(join(ours, name), { recursive: true });
    for (const [file, value] of Object.entries(files)) writeFileSync(join(ours, name, file), `${value}\n`);
  }
}

/** Whoever reads those of the kernel reads ours. */
export function replacePowerSupplies(): void {
  for (const name of ['readdir', 'readFile'] as const) {
    const original = promises[name] as (path: unknown, ...parameters: unknown[]) => unknown;
    const replaced = (path: unknown, ...parameters: unknown[]): unknown =>
      original(
        typeof path === 'string' && path.startsWith(THEIRS) ? ours + path.slice(THEIRS.length) : path,
        ...parameters,
      );
    Object.assign(promises, { [name]: replaced });
  }
  syncBuiltinESMExports();
}
