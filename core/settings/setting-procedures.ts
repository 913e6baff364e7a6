/** Settings, as the contract has them. */

import type { CoreServices } from '../core-services.ts';
import type { FeatureRouter, Procedures } from '../procedures.ts';

export function settingProcedures(os: Procedures, services: CoreServices): FeatureRouter<'settings'> {
  const { settings } = services;
  return os.settings.router({
    list: os.settings.list.handler(() => settings.list()),
    get: os.settings.get.handler(({ input }) => settings.get(input.name)),
    set: os.settings.set.handler(({ input }) => settings.set(input.name, input.value)),
    unset: os.settings.unset.handler(({ input }) => settings.unset(input.name)),
  });
}
