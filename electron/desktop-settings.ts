/** What the settings say of the desktop, as main keeps them beside the core. */

import type { Setting } from '../shared/contract/settings.ts';
import { SETTINGS, type SettingName, type SettingValue } from '../shared/settings.ts';

type DesktopName = Extract<SettingName, `desktop.${string}`>;
type ShortName<Name> = Name extends `desktop.${infer Short}` ? Short : never;

/** `desktop.keepAwake` is `keepAwake`. */
export type DesktopSettings = {
  readonly [Name in DesktopName as ShortName<Name>]: SettingValue<Name>;
};

const NAMES = Object.keys(SETTINGS).filter((name): name is DesktopName => name.startsWith('desktop.'));

/** @param list as the contract gives it; settings that are not in it have their defaults */
export function desktopSettingsOf(list: readonly Setting[]): DesktopSettings {
  const entries = NAMES.map((name) => [
    name.slice('desktop.'.length),
    list.find((setting) => setting.name === name)?.value ?? SETTINGS[name].defaultValue,
  ]);
  return Object.fromEntries(entries) as DesktopSettings;
}
