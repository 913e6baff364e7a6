/** How search services answered since the core was started, whoever asked: estimates, trials or collections. */
export class SearchHealth {
  /** Requests in a row without a good answer, by site; 0 where the last one had one. */
  readonly #failures = new Map<string, number>();

  /** @param site scheme://host:port */
  note(site: string, isAnswered: boolean): void {
    this.#failures.set(site, isAnswered ? 0 : (this.#failures.get(site) ?? 0) + 1);
  }

  /** Requests in a row without a good answer; null while it was not asked. */
  failures(site: string): number | null {
    return this.#failures.get(site) ?? null;
  }
}
