import { t } from '../messages/index.ts';

/** Of a hash, so many digits tell images apart. */
const HASH_DIGITS = 12;

interface LostFileProps {
  readonly sha256: string;
  /** What it was called, or where it came from; null when neither is known. */
  readonly name: string | null;
  /** A code of the vocabulary. */
  readonly reason: string;
  /** The datasets it is in, unless that is clear. */
  readonly place?: string;
}

/** What tells addresses and paths apart lies at their end, which is cut first. */
function lastPart(name: string): string {
  return /[^/\\]+[/\\]?$/.exec(name)?.[0] ?? name;
}

/** A stored file, in a list of those that are not as they should be. */
export function LostFile({ sha256, name, reason, place }: LostFileProps) {
  return (
    <li className="lost-file">
      <span className="truncate" title={name ?? sha256}>
        {name === null ? t.ui.noName : lastPart(name)}
        {place !== undefined && <span className="text-ink-quiet"> · {place}</span>}
      </span>
      <code title={sha256}>{sha256.slice(0, HASH_DIGITS)}</code>
      <span>{t.jobs.reason(reason)}</span>
    </li>
  );
}
