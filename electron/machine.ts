/**
 * How the battery and the network of the machine are. Electron tells main neither, and a page is told only while it is
 * seen: the system is asked by its own files and commands.
 */

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { callBus, type RunCommand, runCommand } from './system-command.ts';

export interface BatteryState {
  readonly isOnBattery: boolean;
  /** 0 to 1; null where nobody knows. */
  readonly batteryLevel: number | null;
}

export interface Machine {
  /** What it costs to ask decides how often that is done. */
  readonly batteryEveryMs: number;
  battery(): Promise<BatteryState>;
  /** Whether bytes of the network are paid for; null where nobody knows, as on macOS always. */
  isMetered(): Promise<boolean | null>;
}

interface MachineOptions {
  readonly platform: NodeJS.Platform;
  /** What Electron knows: not to be believed on Linux, where it always says no. */
  readonly isOnBatteryPower: () => boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** By default starts the command. */
  readonly run?: RunCommand;
  /** https://docs.kernel.org/power/power_supply_class.html. Default: that of the kernel. */
  readonly powerSuppliesPath?: string;
}

const FILES_EVERY_MS = 5_000;
const COMMAND_EVERY_MS = 60_000;
const NOT_ON_BATTERY: BatteryState = { isOnBattery: false, batteryLevel: null };

/** https://networkmanager.dev/docs/api/latest/nm-dbus-types.html#NMMetered: yes, and a guess that it is. */
const METERED = [1, 3];
const NOT_METERED = [2, 4];
const NETWORK_MANAGER = 'org.freedesktop.NetworkManager';

/** Batteries with their charge in percent, one a line. */
const WINDOWS_BATTERIES = 'Get-CimInstance Win32_Battery | ForEach-Object { $_.EstimatedChargeRemaining }';
/** https://learn.microsoft.com/uwp/api/windows.networking.connectivity.networkcosttype, of the network in use. */
const WINDOWS_COST = [
  "[Windows.Networking.Connectivity.NetworkInformation, Windows, ContentType = WindowsRuntime] | Out-Null; '' +",
  '[Windows.Networking.Connectivity.NetworkInformation]::GetInternetConnectionProfile().GetConnectionCost().NetworkCostType',
].join(' ');

export function createMachine(options: MachineOptions): Machine {
  const { platform, isOnBatteryPower, environment, run = runCommand } = options;
  const charged = async (command: readonly string[], percents: RegExp): Promise<BatteryState> => {
    if (!isOnBatteryPower()) return NOT_ON_BATTERY;
    const text = await run(command).catch(() => '');
    const levels = [...text.matchAll(percents)].flatMap(([, percent]) => levelOf(percent) ?? []);
    // The plug may have been put in while it was asked.
    return { isOnBattery: isOnBatteryPower(), batteryLevel: meanOf(levels) };
  };
  switch (platform) {
    case 'darwin':
      return {
        batteryEveryMs: COMMAND_EVERY_MS,
        battery: () => charged(['/usr/bin/pmset', '-g', 'batt'], /\t(\d+)%;/g),
        isMetered: async () => null,
      };
    case 'win32':
      return {
        batteryEveryMs: COMMAND_EVERY_MS,
        battery: () => charged(powerShell(environment, WINDOWS_BATTERIES), /^(\d+)\s*$/gm),
        async isMetered() {
          const cost = (await run(powerShell(environment, WINDOWS_COST)).catch(() => '')).trim();
          if (cost === 'Unrestricted') return false;
          return cost === 'Fixed' || cost === 'Variable' ? true : null;
        },
      };
    default:
      return {
        batteryEveryMs: FILES_EVERY_MS,
        battery: () => readPowerSupplies(options.powerSuppliesPath ?? '/sys/class/power_supply'),
        async isMetered() {
          const answer = await callBus(run, {
            bus: 'system',
            destination: NETWORK_MANAGER,
            path: '/org/freedesktop/NetworkManager',
            method: 'org.freedesktop.DBus.Properties.Get',
            words: [NETWORK_MANAGER, 'Metered'],
          });
          const value = Number(/\buint32 (\d+)/.exec(answer)?.[1] ?? 0);
          if (METERED.includes(value)) return true;
          return NOT_METERED.includes(value) ? false : null;
        },
      };
  }
}

/** Named in full: Windows would look for a mere name in the current folder first. */
function powerShell(environment: MachineOptions['environment'], script: string): string[] {
  const system = environment.SystemRoot ?? 'C:\\Windows';
  const path = `${system}\\System32\\WindowsPowerShell\\v1.0\\powershell.exe`;
  return [path, '-NoProfile', '-NonInteractive', '-Command', script];
}

/** The machine's own batteries: those of a mouse or a headset are of a device. */
async function readPowerSupplies(path: string): Promise<BatteryState> {
  const names = await readdir(path).catch(() => []);
  const supplies = await Promise.all(names.map((name) => readSupply(join(path, name))));
  const batteries = supplies.filter(({ type, scope }) => type === 'Battery' && scope !== 'Device');
  const hasMains = supplies.some(({ type, online }) => type === 'Mains' && online === '1');
  return {
    isOnBattery: !hasMains && batteries.some(({ status }) => status === 'Discharging'),
    batteryLevel: meanOf(batteries.flatMap(({ level }) => level ?? [])),
  };
}

async function readSupply(path: string) {
  // No kind of supply has all of them, and one may be unplugged at this moment.
  const read = async (name: string): Promise<string | null> =>
    readFile(join(path, name), 'utf8').then(
      (text) => text.trim(),
      () => null,
    );
  const [type, scope, status, online, capacity] = await Promise.all(
    ['type', 'scope', 'status', 'online', 'capacity'].map(read),
  );
  return { type, scope, status, online, level: levelOf(capacity) };
}

/** A battery that says more than 100 percent of itself is full. */
function levelOf(percent: string | null | undefined): number | null {
  return /^\d+$/.test(percent ?? '') ? Math.min(1, Number(percent) / 100) : null;
}

/** Several batteries count alike. */
function meanOf(levels: readonly number[]): number | null {
  if (levels.length === 0) return null;
  return levels.reduce((sum, level) => sum + level, 0) / levels.length;
}
