/** Characters that tell one statement from another. */
const LONGEST = 200;

/** What a statement is called in the log: itself in one line, cut, without any value that may be a user's. */
export function statementName(sql: string): string {
  const name = sql
    .replaceAll(/'(?:[^']|'')*(?:'|$)/g, '?')
    .replaceAll(/\b\d+(?:\.\d+)?\b/g, '?')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return name.length > LONGEST ? `${name.slice(0, LONGEST)}…` : name;
}
