import type { Job } from '../../../shared/contract/jobs.ts';
import { formatCount } from '../../messages/format.ts';
import { t } from '../../messages/index.ts';

const SHOWN = [
  'discovered',
  'fetched',
  'accepted',
  'quarantined',
  'duplicates',
  'refused',
  'failed',
] as const satisfies readonly (keyof Job['counts'])[];

/** Counts of a job, side by side. Near-duplicates are some of the quarantined. */
export function JobCounters({ job }: { readonly job: Job }) {
  return (
    <dl className="counters">
      {SHOWN.map((name) => (
        <div key={name} className="counter">
          <dt className="counter-name">{t.jobs.counts[name]}</dt>
          <dd className="counter-number">{formatCount(job.counts[name])}</dd>
          {name === 'quarantined' && job.counts.nearDuplicates > 0 && (
            <dd className="counter-name">{t.jobs.nearDuplicates(job.counts.nearDuplicates)}</dd>
          )}
        </div>
      ))}
    </dl>
  );
}
