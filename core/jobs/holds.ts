/** Why no job may run at the moment, told by the host and by the core itself. */

import { HOLD_REASONS, HOST_HOLDS, type HoldReason, type HostHold } from '../../shared/vocabulary.ts';

export class Holds {
  readonly #reasons = new Set<HoldReason>();
  readonly #listeners: ((reasons: HoldReason[]) => void)[] = [];

  /** In the order of the vocabulary; empty when jobs may run. */
  get reasons(): HoldReason[] {
    return HOLD_REASONS.filter((reason) => this.#reasons.has(reason));
  }

  get isAny(): boolean {
    return this.#reasons.size > 0;
  }

  /** Called with what holds now, whenever that has changed. */
  onChange(listener: (reasons: HoldReason[]) => void): void {
    this.#listeners.push(listener);
  }

  /** Says what holds as the host sees it; what the core itself found stays as it is. */
  setByHost(reasons: readonly HostHold[]): void {
    this.#change(new Map(HOST_HOLDS.map((reason) => [reason, reasons.includes(reason)])));
  }

  setDisk(holds: boolean): void {
    this.#change(new Map([['disk', holds]]));
  }

  #change(wanted: ReadonlyMap<HoldReason, boolean>): void {
    let isChanged = false;
    for (const [reason, holds] of wanted) {
      if (this.#reasons.has(reason) === holds) continue;
      isChanged = true;
      if (holds) this.#reasons.add(reason);
      else this.#reasons.delete(reason);
    }
    if (!isChanged) return;
    for (const listener of this.#listeners) listener(this.reasons);
  }
}
