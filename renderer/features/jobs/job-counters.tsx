import type { Job } from '../../../shared/contract/jobs.ts';
import { formatCount } from '../../messages/format.ts';
import { t } from '../../messages/index.ts';

const SHOWN = [
  'discovered',
  'fetched',
  'accepted',
  'quarantined',
  'nearDuplicates',
  'duplicates',
  'refused',
  'failed',
] as const satisfies readonly (keyof Job['counts'])[];

/** Counts of a job, side by side. */
export function JobCounters({ job }: { readonly job: Job }) {
  return (
    <dl className="counters">
      {SHOWN.map((name) => (
        <div key={name} className="counter">
          <dd className="counter-number">{formatCount(job.counts[name])}</dd>
          <dt className="counter-name">{t.jobs.counts[name]}</dt>
        </div>
      ))}
    </dl>
  );
}
