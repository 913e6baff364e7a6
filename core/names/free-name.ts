/**
 * The name, or the first of `name 2`, `name 3`, … that is not taken, shortened to stay within 100 characters.
 * @param isTaken as whoever keeps the names compares them
 */
export function freeName(name: string, isTaken: (candidate: string) => boolean): string {
  let candidate = name;
  for (let number = 2; isTaken(candidate); number++) {
    const suffix = ` ${number}`;
    candidate =
      Array.from(name)
        .slice(0, 100 - suffix.length)
        .join('')
        .trimEnd() + suffix;
  }
  return candidate;
}
