import '../jobs/jobs.css';
import './crawls.css';
import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'wouter';
import type { Dataset } from '../../../shared/contract/datasets.ts';
import type { Job } from '../../../shared/contract/jobs.ts';
import { api } from '../../api/query.ts';
import { t } from '../../messages/index.ts';
import { isUnfinished, useLive } from '../../stores/live.ts';
import { useStatusText } from '../../stores/status.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorState } from '../../ui/error-state.tsx';
import { Compose } from './compose.tsx';
import { useDrafts } from './draft-store.ts';
import { Running } from './running.tsx';

const JOBS = 20;

/** Puts together what to collect, shows it while it comes, and says what is next. */
export default function CollectScreen({ dataset }: { readonly dataset: Dataset }) {
  const hasTrial = useDrafts((state) => state.trials[dataset.id] !== undefined);
  const [wantsToCompose, setComposing] = useState(false);
  const isComposing = wantsToCompose || hasTrial;
  const query = useQuery(api.jobs.list.queryOptions({ input: { datasetId: dataset.id, limit: JOBS } }));
  const live = useLive((state) => state.jobs);
  const jobs = collections(query.data?.items ?? [], Object.values(live), dataset.id);
  const running = jobs.filter(isUnfinished);
  const front = running.find(({ state }) => state === 'active') ?? running[0] ?? jobs[0];
  const others = running.filter((job) => job !== front);
  useStatusText(t.datasets.images(dataset.sampleCount));
  if (query.isError) {
    return <ErrorState title={t.jobs.loadFailed} error={query.error} onRetry={() => void query.refetch()} />;
  }
  if (query.isPending) return null;
  return (
    <div className="page">
      {front !== undefined && (
        <section className="mb-10" aria-labelledby="run">
          <h2 id="run" className="mb-3 text-16">
            {isUnfinished(front) ? t.crawls.running : t.crawls.latest}
          </h2>
          {!isUnfinished(front) && <NextSteps dataset={dataset} />}
          <Running job={front} />
          {others.length > 0 && (
            <p className="mt-4">
              <Link href="/jobs?show=unfinished" className="text-accent-ink underline">
                {t.crawls.otherJobs(others.length)}
              </Link>
            </p>
          )}
        </section>
      )}
      {front === undefined || isComposing ? (
        <section aria-labelledby="compose">
          <h2 id="compose" className="mb-4 text-16">
            {front === undefined ? t.crawls.compose : t.crawls.composeMore}
          </h2>
          <Compose dataset={dataset} />
        </section>
      ) : (
        <Button onClick={() => setComposing(true)}>
          <Plus size={14} aria-hidden /> {t.crawls.composeMore}
        </Button>
      )}
    </div>
  );
}

/** Crawls and imports of a dataset, newest first, as they are now. */
function collections(stored: readonly Job[], live: readonly Job[], datasetId: number): Job[] {
  const byId = new Map([...stored, ...live].map((job) => [job.id, job]));
  return [...byId.values()]
    .filter((job) => job.datasetId === datasetId && (job.kind === 'crawl' || job.kind === 'import'))
    .sort((a, b) => b.id - a.id);
}

function NextSteps({ dataset }: { readonly dataset: Dataset }) {
  const { quarantined } = dataset.statusCounts;
  return (
    <nav className="mb-4 flex flex-wrap gap-2" aria-label={t.crawls.next}>
      {quarantined > 0 && (
        <Link href={`/datasets/${dataset.id}/review`} className="button" data-variant="primary">
          {t.crawls.reviewNext(quarantined)}
        </Link>
      )}
      <Link href={`/datasets/${dataset.id}/browse`} className="button">
        {t.crawls.browseNext}
      </Link>
      <Link href={`/datasets/${dataset.id}/export`} className="button">
        {t.crawls.exportNext}
      </Link>
    </nav>
  );
}
