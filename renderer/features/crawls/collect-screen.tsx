import '../jobs/jobs.css';
import './crawls.css';
import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useSearchParams } from 'wouter';
import type { Dataset } from '../../../shared/contract/datasets.ts';
import type { Job } from '../../../shared/contract/jobs.ts';
import { api } from '../../api/query.ts';
import { useCommands } from '../../keyboard/commands.ts';
import { t } from '../../messages/index.ts';
import { isUnfinished, useLive } from '../../stores/live.ts';
import { useStatusText } from '../../stores/status.ts';
import { toast, toastError } from '../../stores/toasts.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorState } from '../../ui/error-state.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { Compose } from './compose.tsx';
import { isBlank } from './draft.ts';
import { draftOfJob } from './draft-of-job.ts';
import { useDrafts } from './draft-store.ts';
import { RunList } from './run-list.tsx';
import { Running } from './running.tsx';
import { frontRun, runsOf } from './runs.ts';
import { takeIntoDraft } from './take-into-draft.ts';
import { WindowDrop } from './window-drop.tsx';

/** Jobs of a dataset that are looked through for its runs. */
const JOBS = 100;

/** Puts together what to collect, shows it while it comes, and says what is next. */
export default function CollectScreen({ dataset }: { readonly dataset: Dataset }) {
  const [search, setSearch] = useSearchParams();
  const draft = useDrafts((state) => state.drafts[dataset.id]);
  const hasTrial = useDrafts((state) => state.trials[dataset.id] !== undefined);
  const query = useQuery(api.jobs.list.queryOptions({ input: { datasetId: dataset.id, limit: JOBS } }));
  const live = useLive((state) => state.jobs);
  useStatusText(t.datasets.images(dataset.sampleCount));

  const runs = runsOf(query.data?.items ?? [], Object.values(live), dataset.id);
  const front = frontRun(runs, Number(search.get('job')) || null);
  const isComposing = front === undefined || search.has('compose') || hasTrial;
  /** Goes to a run, or opens the form, so that the address says what is in front. */
  const go = (to: { readonly job?: number; readonly compose?: boolean }) =>
    setSearch({
      ...(to.job === undefined ? {} : { job: String(to.job) }),
      ...(to.compose === true ? { compose: '' } : {}),
    });
  const openForm = () => go({ compose: true, ...(front === undefined ? {} : { job: front.id }) });
  const refill = (job: Job) => {
    const asked = draftOfJob(job);
    if (asked === null) return null;
    return () => {
      useDrafts.getState().replace(dataset.id, asked);
      openForm();
      const before = draft;
      const undo = { label: t.ui.undo, run: () => before && useDrafts.getState().replace(dataset.id, before) };
      toast(t.crawls.filled, before === undefined || isBlank(before) ? null : undo);
    };
  };
  useCommands('collect', [{ id: 'crawls.more', isEnabled: !isComposing, run: openForm }]);

  if (query.isError && runs.length === 0) {
    return <ErrorState title={t.jobs.loadFailed} error={query.error} onRetry={() => void query.refetch()} />;
  }
  if (query.isPending) {
    return (
      <div className="page grid gap-4">
        <Skeleton heightPx={28} />
        <Skeleton heightPx={160} />
      </div>
    );
  }
  return (
    <div className="page">
      <WindowDrop
        title={t.crawls.drop}
        takesPaste
        onDrop={(dropped) => {
          if (!isComposing) openForm();
          takeIntoDraft(dataset, dropped).catch(toastError);
        }}
      />
      {isComposing && (
        <section className="collect-section" aria-labelledby="compose">
          <div className="collect-head">
            <h2 id="compose">{front === undefined ? t.crawls.compose : t.crawls.composeMore}</h2>
            {front !== undefined && !hasTrial && (
              <Button size="small" variant="ghost" onClick={() => go({ job: front.id })}>
                {t.crawls.composeClose}
              </Button>
            )}
          </div>
          <Compose dataset={dataset} onStarted={(job) => go({ job: job.id })} />
        </section>
      )}
      {front !== undefined && (
        <section className="collect-section" aria-labelledby="run">
          <div className="collect-head">
            <h2 id="run">{headingOf(front, runs)}</h2>
            {!isComposing && (
              <Button onClick={openForm}>
                <Plus size={14} aria-hidden /> {t.crawls.composeMore}
              </Button>
            )}
          </div>
          <Running key={front.id} dataset={dataset} job={front} onAgain={refill(front)} />
        </section>
      )}
      {runs.length > 1 && <RunList runs={runs} front={front} onShow={(job) => go({ job: job.id })} />}
    </div>
  );
}

function headingOf(front: Job, runs: readonly Job[]): string {
  if (front.state === 'paused') return t.crawls.pausedTitle;
  if (front.state === 'waiting') return t.crawls.waitingTitle;
  if (isUnfinished(front)) return t.crawls.running;
  return front === runs[0] ? t.crawls.latest : t.crawls.earlier;
}
