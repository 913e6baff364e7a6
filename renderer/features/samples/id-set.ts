/** A chunk covers this many ids, in 512 bytes. */
const IDS_PER_CHUNK = 4_096;
const WORDS_PER_CHUNK = IDS_PER_CHUNK / 32;

/**
 * An immutable set of row ids. Half a million neighbouring ids take 62 kB, and changing one copies one chunk, so that a
 * selection can be React state however large it is.
 */
export class IdSet implements Iterable<number> {
  static readonly empty = new IdSet(new Map(), 0);

  readonly size: number;
  readonly #chunks: ReadonlyMap<number, Uint32Array>;

  private constructor(chunks: ReadonlyMap<number, Uint32Array>, size: number) {
    this.#chunks = chunks;
    this.size = size;
  }

  static of(ids: Iterable<number>): IdSet {
    return IdSet.empty.with(ids);
  }

  has(id: number): boolean {
    const chunk = this.#chunks.get(Math.floor(id / IDS_PER_CHUNK));
    if (!chunk) return false;
    const place = id % IDS_PER_CHUNK;
    return (chunk[place >>> 5]! & (1 << (place & 31))) !== 0;
  }

  /** This set and these ids; itself when it has them all. */
  with(ids: Iterable<number>): IdSet {
    return this.#changed(ids, true);
  }

  /** This set but for these ids; itself when it has none of them. */
  without(ids: Iterable<number>): IdSet {
    return this.#changed(ids, false);
  }

  /** Ascending. */
  *[Symbol.iterator](): Generator<number> {
    for (const key of [...this.#chunks.keys()].sort((left, right) => left - right)) {
      const chunk = this.#chunks.get(key)!;
      for (let word = 0; word < WORDS_PER_CHUNK; word += 1) {
        for (let bits = chunk[word]!; bits !== 0; bits &= bits - 1) {
          yield key * IDS_PER_CHUNK + word * 32 + (31 - Math.clz32(bits & -bits));
        }
      }
    }
  }

  #changed(ids: Iterable<number>, present: boolean): IdSet {
    let chunks: Map<number, Uint32Array> | undefined;
    const copied = new Set<number>();
    let size = this.size;
    for (const id of ids) {
      const key = Math.floor(id / IDS_PER_CHUNK);
      const place = id % IDS_PER_CHUNK;
      const bit = 1 << (place & 31);
      const chunk = (chunks ?? this.#chunks).get(key);
      if ((((chunk?.[place >>> 5] ?? 0) & bit) !== 0) === present) continue;
      chunks ??= new Map(this.#chunks);
      let own = chunk;
      if (!own || !copied.has(key)) {
        own = own ? own.slice() : new Uint32Array(WORDS_PER_CHUNK);
        copied.add(key);
        chunks.set(key, own);
      }
      own[place >>> 5]! ^= bit;
      size += present ? 1 : -1;
    }
    return chunks ? new IdSet(chunks, size) : this;
  }
}
