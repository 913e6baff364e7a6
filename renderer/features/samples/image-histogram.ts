/** How often each of 256 levels occurs, by channel. */
export interface ImageHistogram {
  readonly red: Uint32Array;
  readonly green: Uint32Array;
  readonly blue: Uint32Array;
  readonly luma: Uint32Array;
}

/** @param pixels four bytes each: red, green, blue, alpha. Wholly transparent pixels do not count. */
export function imageHistogram(pixels: Uint8ClampedArray): ImageHistogram {
  const red = new Uint32Array(256);
  const green = new Uint32Array(256);
  const blue = new Uint32Array(256);
  const luma = new Uint32Array(256);
  for (let at = 0; at + 3 < pixels.length; at += 4) {
    if (pixels[at + 3] === 0) continue;
    const r = pixels[at]!;
    const g = pixels[at + 1]!;
    const b = pixels[at + 2]!;
    red[r]! += 1;
    green[g]! += 1;
    blue[b]! += 1;
    // Rec. 601, in integers: the luma that measurements use.
    luma[(r * 77 + g * 150 + b * 29) >> 8]! += 1;
  }
  return { red, green, blue, luma };
}

/**
 * An SVG path of a channel over 256 by 100 units. The highest level that is not at an end fills the height, so that a
 * clipped border or background does not flatten the rest.
 */
export function histogramPath(levels: Uint32Array): string {
  const peak = Math.max(1, ...levels.subarray(1, 255));
  let path = 'M0 100';
  for (const [level, count] of levels.entries()) {
    path += `L${level} ${Math.round(100 * (1 - Math.min(1, count / peak)))}`;
  }
  return `${path}L255 100Z`;
}
