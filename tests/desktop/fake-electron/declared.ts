/**
 * What holds the fake to electron.d.ts of the pinned version: everything of it takes and gives the types that Electron
 * declares, and events are told only by names that Electron declares.
 */

import type { EventEmitter } from 'node:events';

/** The name of an event, if Electron declares one of that name for this kind of object. */
export type EventName<Real, Name extends string> = Real extends {
  // biome-ignore lint/suspicious/noExplicitAny: whatever the listener takes, its name is what is asked
  on(event: Name, listener: (...parameters: any[]) => void): unknown;
}
  ? Name
  : never;

/** An object of the fake as that of Electron which it stands for, of which it has a part. */
export function declared<Real>(fake: object): Real {
  return fake as unknown as Real;
}

/** An object that Electron declares, as the one of the fake that it is. */
export function faked<Fake extends object>(real: object, type: abstract new (...parameters: never[]) => Fake): Fake {
  if (!(real instanceof type)) throw new TypeError(`Expected a ${type.name} of the fake Electron.`);
  return real;
}

/** Tells the listeners of an event that Electron declares. @returns whether one of them prevented what usually follows */
export function tell<Real, Name extends string>(
  emitter: EventEmitter,
  event: EventName<Real, Name>,
  ...parameters: readonly unknown[]
): boolean {
  const happening = { defaultPrevented: false, preventDefault: () => undefined };
  happening.preventDefault = () => {
    happening.defaultPrevented = true;
  };
  emitter.emit(event, happening, ...parameters);
  return happening.defaultPrevented;
}

/** Tells the listeners of an event that comes without an event object. */
export function tellBare<Real, Name extends string>(
  emitter: EventEmitter,
  event: EventName<Real, Name>,
  ...parameters: readonly unknown[]
): void {
  emitter.emit(event, ...parameters);
}
