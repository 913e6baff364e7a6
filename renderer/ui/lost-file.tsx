import { t } from '../messages/index.ts';

/** Of a hash, so many digits tell images apart. */
const HASH_DIGITS = 12;

interface LostFileProps {
  readonly sha256: string;
  /** What it was called, or where it came from; null when neither is known. */
  readonly name: string | null;
  /** A code of the vocabulary. */
  readonly reason: string;
  /** Where its sample is, unless that is clear. */
  readonly place?: string;
}

/** A sample, in a list of those whose stored file is not as it should be. */
export function LostFile({ sha256, name, reason, place }: LostFileProps) {
  return (
    <li className="lost-file">
      <span className="truncate" title={name ?? sha256}>
        {name ?? t.ui.noName}
        {place !== undefined && <span className="text-ink-quiet"> · {place}</span>}
      </span>
      <code title={sha256}>{sha256.slice(0, HASH_DIGITS)}</code>
      <span>{t.jobs.reason(reason)}</span>
    </li>
  );
}
