/** What was done in this window, one step after another, to be taken back and done again. */

export interface Step {
  /** What was done, in words. */
  readonly title: string;
  /** Takes it back. @returns what is then said */
  readonly undo: () => Promise<string>;
  /** Does it again. @returns what is then said */
  readonly redo: () => Promise<string>;
}

/** More than anyone takes back; the oldest are forgotten. */
const MOST_STEPS = 100;

export class StepHistory {
  #done: Step[] = [];
  #undone: Step[] = [];

  /** What is next to be taken back, and what to be done again; null where there is nothing. */
  get next(): { readonly undo: Step | null; readonly redo: Step | null } {
    return { undo: this.#done.at(-1) ?? null, redo: this.#undone.at(-1) ?? null };
  }

  /** Remembers what has just been done; what was taken back before can no longer be done again. */
  add(step: Step): void {
    this.#done = [...this.#done, step].slice(-MOST_STEPS);
    this.#undone = [];
  }

  /**
   * Takes a step back; one that cannot be taken back is forgotten.
   * @param step exactly that one; the last by default
   * @returns what to say, and the step; null where there is nothing to take back
   * @throws whatever the step throws
   */
  async undo(step = this.#done.at(-1)): Promise<{ readonly text: string; readonly step: Step } | null> {
    if (step === undefined || !this.#done.includes(step)) return null;
    // Before it is done, so that a second press takes the step before.
    this.#done = this.#done.filter((each) => each !== step);
    const text = await step.undo();
    this.#undone.push(step);
    return { text, step };
  }

  /** Does again what was taken back, in the manner of `undo`. */
  async redo(step = this.#undone.at(-1)): Promise<{ readonly text: string; readonly step: Step } | null> {
    if (step === undefined || !this.#undone.includes(step)) return null;
    this.#undone = this.#undone.filter((each) => each !== step);
    const text = await step.redo();
    this.#done.push(step);
    return { text, step };
  }
}
