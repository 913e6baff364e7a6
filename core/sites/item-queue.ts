/** First in, first out, with lanes: a lower lane empties before a higher one is looked at. O(1), one array slot an item. */
export class ItemQueue<Item> {
  readonly #lanes: { items: (Item | undefined)[]; head: number }[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(item: Item, lane: number): void {
    while (this.#lanes.length <= lane) this.#lanes.push({ items: [], head: 0 });
    (this.#lanes[lane] as { items: Item[] }).items.push(item);
    this.#size += 1;
  }

  shift(): { readonly item: Item; readonly lane: number } | null {
    for (const [lane, queue] of this.#lanes.entries()) {
      if (queue.head === queue.items.length) continue;
      const item = queue.items[queue.head] as Item;
      queue.items[queue.head] = undefined;
      queue.head += 1;
      this.#size -= 1;
      // Cutting when the dead half outweighs the rest keeps the cost of the cut constant an item.
      if (queue.head === queue.items.length) {
        queue.items = [];
        queue.head = 0;
      } else if (queue.head > 256 && queue.head * 2 > queue.items.length) {
        queue.items = queue.items.slice(queue.head);
        queue.head = 0;
      }
      return { item, lane };
    }
    return null;
  }
}
