/** What a DueHeap orders. The two fields belong to the heap while the entry is in it. */
export interface DueEntry {
  /** Earlier comes first. */
  dueMs: number;
  /** Among equals the lower comes first. */
  order: number;
  /** Place in the heap that holds the entry; -1 while it is in none. */
  heapIndex: number;
}

/** A binary heap of entries by due time that knows where each entry is, so that any of them can be moved or removed. */
export class DueHeap<Entry extends DueEntry> {
  readonly #entries: Entry[] = [];

  get size(): number {
    return this.#entries.length;
  }

  peek(): Entry | undefined {
    return this.#entries[0];
  }

  /** Adds an entry that is in no heap, or restores the order after the keys of one in this heap have changed. */
  place(entry: Entry): void {
    if (entry.heapIndex === -1) {
      entry.heapIndex = this.#entries.length;
      this.#entries.push(entry);
    }
    this.#rise(entry.heapIndex);
    this.#sink(entry.heapIndex);
  }

  /** Takes an entry of this heap out. */
  remove(entry: Entry): void {
    const index = entry.heapIndex;
    const last = this.#entries.pop() as Entry;
    entry.heapIndex = -1;
    if (last === entry) return;
    this.#put(last, index);
    this.#rise(index);
    this.#sink(last.heapIndex);
  }

  #rise(start: number): void {
    const entry = this.#entries[start] as Entry;
    let index = start;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = this.#entries[parent] as Entry;
      if (!before(entry, above)) break;
      this.#put(above, index);
      index = parent;
    }
    this.#put(entry, index);
  }

  #sink(start: number): void {
    const entry = this.#entries[start] as Entry;
    const { length } = this.#entries;
    let index = start;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= length) break;
      if (child + 1 < length && before(this.#entries[child + 1] as Entry, this.#entries[child] as Entry)) child += 1;
      const below = this.#entries[child] as Entry;
      if (!before(below, entry)) break;
      this.#put(below, index);
      index = child;
    }
    this.#put(entry, index);
  }

  #put(entry: Entry, index: number): void {
    this.#entries[index] = entry;
    entry.heapIndex = index;
  }
}

function before(a: DueEntry, b: DueEntry): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order);
}
