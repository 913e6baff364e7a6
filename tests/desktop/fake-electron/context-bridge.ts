/** What passes from one world of a page into the other: copies, frozen, with functions that call back. */

type Anything = (...parameters: unknown[]) => unknown;

/** Values that pass as they are: the fake keeps both worlds in one heap. */
function passes(value: unknown): boolean {
  return (
    value === null ||
    (typeof value !== 'object' && typeof value !== 'function') ||
    value instanceof Blob ||
    ArrayBuffer.isView(value) ||
    value instanceof ArrayBuffer ||
    value instanceof Date
  );
}

/** A value as the other world sees it. @throws for what cannot pass */
export function bridged(value: unknown): unknown {
  if (typeof value === 'symbol') throw new TypeError('A symbol cannot pass the context bridge.');
  if (passes(value)) return value;
  if (typeof value === 'function') {
    const call = value as Anything;
    return (...parameters: unknown[]) => bridged(call(...parameters.map(bridged)));
  }
  if (isThenable(value)) {
    return Promise.resolve(value).then(bridged, (reason: unknown) => {
      throw bridged(reason);
    });
  }
  // Of an error its words alone come through.
  if (value instanceof Object && 'message' in value && 'stack' in value) return new Error(String(value.message));
  if (Array.isArray(value)) return value.map(bridged);
  return Object.fromEntries(Object.entries(value as object).map(([name, each]) => [name, bridged(each)]));
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown }).then === 'function';
}

/** As Electron freezes what is exposed, through and through. */
export function deeplyFrozen<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)) {
    Object.values(value).forEach(deeplyFrozen);
    Object.freeze(value);
  }
  return value;
}
