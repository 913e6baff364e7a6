import { useInfiniteQuery } from '@tanstack/react-query';
import { ChevronRight } from 'lucide-react';
import { useState } from 'react';
import type { Job } from '../../../shared/contract/jobs.ts';
import { FAILURES, FINDINGS, REFUSALS } from '../../../shared/vocabulary.ts';
import { client } from '../../api/client.ts';
import { api } from '../../api/query.ts';
import { formatCount } from '../../messages/format.ts';
import { t } from '../../messages/index.ts';
import { isUnfinished, useLive } from '../../stores/live.ts';
import { toastError } from '../../stores/toasts.ts';
import { Button } from '../../ui/button.tsx';
import { sortedReasons } from './job-words.ts';

const PAGE = 50;

/** Failures and refusals of a job by reason, with the addresses behind each; failures can be tried again. */
export function JobProblems({ job }: { readonly job: Job }) {
  const findings: readonly string[] = FINDINGS;
  const reasons = sortedReasons(job.reasons).filter(({ reason }) => !findings.includes(reason));
  if (reasons.length === 0) return null;
  return (
    <section className="part" aria-labelledby="job-problems">
      <h2 id="job-problems">{t.jobs.problems}</h2>
      <p className="hint">{t.jobs.problemsHint}</p>
      {reasons.map(({ reason, count }) => (
        <Reason key={reason} job={job} reason={reason} count={count} />
      ))}
    </section>
  );
}

function isFailure(reason: string): boolean {
  const failures: readonly string[] = FAILURES;
  const refusals: readonly string[] = REFUSALS;
  return !refusals.includes(reason) && (failures.includes(reason) || reason.startsWith('http-'));
}

interface ReasonProps {
  readonly job: Job;
  readonly reason: string;
  readonly count: number;
}

function Reason({ job, reason, count }: ReasonProps) {
  const [isOpen, setOpen] = useState(false);
  const canRetry = isFailure(reason) && (!isUnfinished(job) || job.state === 'paused');
  const retry = () => {
    client.jobs
      .retry({ id: job.id, only: reason })
      .then((changed) => useLive.getState().updateJob(changed), toastError);
  };
  return (
    <div>
      <div className="reason-row">
        <Button variant="ghost" size="small" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          <ChevronRight size={14} aria-hidden className={isOpen ? 'rotate-90' : ''} />
          {t.jobs.reason(reason)}
        </Button>
        <span className="numeric text-ink-quiet">{formatCount(count)}</span>
        {canRetry && (
          <Button size="small" className="ml-auto" onClick={retry}>
            {t.jobs.retryOnly}
          </Button>
        )}
      </div>
      {isOpen && <Addresses jobId={job.id} reason={reason} state={isFailure(reason) ? 'failed' : 'refused'} />}
    </div>
  );
}

interface AddressesProps {
  readonly jobId: number;
  readonly reason: string;
  readonly state: 'failed' | 'refused';
}

function Addresses({ jobId, reason, state }: AddressesProps) {
  const query = useInfiniteQuery(
    api.jobs.failures.infiniteOptions({
      input: (after: number) => ({ id: jobId, state, reason, after, limit: PAGE }),
      initialPageParam: 0,
      getNextPageParam: (page) => page.next ?? undefined,
    }),
  );
  const items = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <div className="addresses">
      {items.length === 0 && !query.isPending && <p className="text-ink-quiet">{t.jobs.noAddresses}</p>}
      <ul>
        {items.map(({ id, url, detail, attempts }) => (
          <li key={id}>
            {url}
            <span className="block text-ink-quiet">
              {[detail, attempts > 1 ? t.jobs.attempts(attempts) : null].filter(Boolean).join(' · ')}
            </span>
          </li>
        ))}
      </ul>
      {query.hasNextPage && (
        <Button size="small" onClick={() => void query.fetchNextPage()}>
          {t.jobs.showMore}
        </Button>
      )}
    </div>
  );
}
