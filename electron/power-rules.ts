/** When jobs rest to spare the machine: decided from its state and the settings alone. */

import type { HostHold } from '../shared/vocabulary.ts';
import type { DesktopSettings } from './desktop-settings.ts';

export interface MachineState {
  readonly isOnBattery: boolean;
  /** 0 to 1; null where nobody knows. */
  readonly batteryLevel: number | null;
  /** null where nobody knows. */
  readonly isMetered: boolean | null;
  readonly isSuspending: boolean;
}

type Rules = Pick<DesktopSettings, 'pauseBelowBatteryPercent' | 'pauseOnMetered' | 'pauseOnSuspend'>;

/** A charge that wavers around the limit does not stop and start jobs: it must rise by so much. */
const MARGIN_PERCENT = 2;

/**
 * What is not known holds nothing.
 * @param before what held until now
 */
export function holdsOf(machine: MachineState, rules: Rules, before: readonly HostHold[]): HostHold[] {
  const holds: HostHold[] = [];
  if (isBatteryLow(machine, rules.pauseBelowBatteryPercent, before.includes('battery'))) holds.push('battery');
  if (rules.pauseOnMetered && machine.isMetered === true) holds.push('metered');
  if (rules.pauseOnSuspend && machine.isSuspending) holds.push('suspend');
  return holds;
}

function isBatteryLow({ isOnBattery, batteryLevel }: MachineState, limitPercent: number, wasLow: boolean): boolean {
  if (limitPercent === 0 || !isOnBattery || batteryLevel === null) return false;
  return batteryLevel * 100 < limitPercent + (wasLow ? MARGIN_PERCENT : 0);
}
