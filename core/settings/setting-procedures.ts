/** Settings, as the contract has them. */

import type { Setting } from '../../shared/contract/settings.ts';
import type { CoreServices } from '../core-services.ts';
import type { FeatureRouter, Procedures } from '../procedures.ts';

export function settingProcedures(os: Procedures, services: CoreServices): FeatureRouter<'settings'> {
  const { settings, events } = services;
  const told = (setting: Setting): Setting => {
    events.publish({ type: 'settings.changed', name: setting.name });
    return setting;
  };
  return os.settings.router({
    list: os.settings.list.handler(() => settings.list()),
    get: os.settings.get.handler(({ input }) => settings.get(input.name)),
    set: os.settings.set.handler(async ({ input }) => told(await settings.set(input.name, input.value))),
    unset: os.settings.unset.handler(async ({ input }) => told(await settings.unset(input.name))),
  });
}
