import { useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import { ChevronLeft, ChevronRight, CircleCheck, Maximize2, OctagonX, TriangleAlert } from 'lucide-react';
import { useRef, useState } from 'react';
import type { SampleChange } from '../../../shared/contract/decisions.ts';
import type { SampleFilter } from '../../../shared/contract/samples.ts';
import type { SampleStatus } from '../../../shared/vocabulary.ts';
import { client } from '../../api/client.ts';
import { api } from '../../api/query.ts';
import { keyOf, shownKey } from '../../keyboard/key-map.ts';
import { t } from '../../messages/index.ts';
import { isOffline } from '../../stores/live.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorState } from '../../ui/error-state.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Kbd } from '../../ui/kbd.tsx';
import { Progress } from '../../ui/progress.tsx';
import { StatusMark } from '../../ui/status-mark.tsx';
import { coreSource } from '../samples/core-source.ts';
import { DecisionQueue } from '../samples/decision-queue.ts';
import { ImagePane, usePreloaded } from '../samples/image-pane.tsx';
import { Inspector } from '../samples/inspector.tsx';
import { useDecisionToasts } from '../samples/use-decision-toasts.ts';
import { useLabels } from '../samples/use-labels.ts';
import { FIT } from '../samples/viewer-transform.ts';
import {
  ahead,
  current,
  decide,
  doneAgain,
  goTo,
  type ReviewQueue,
  remaining,
  reviewQueue,
  takeBack,
} from './review-queue.ts';
import { ReviewViewer } from './review-viewer.tsx';
import { useReviewCommands } from './use-review-commands.ts';
import { useUndoneDecisions } from './use-undone-decisions.ts';

/** The contract's most, and more than anyone reviews by hand. */
const MAX_QUEUE = 1_000_000;
/** Details and images that are ready before they are asked for. */
const AHEAD = 3;

interface ReasonReviewProps {
  /** Which quarantined ones. */
  readonly filter: SampleFilter;
  readonly onNextQueue: () => void;
}

/** Quarantined images one after another: decide, and the next one is there. */
export function ReasonReview({ filter, onNextQueue }: ReasonReviewProps) {
  const [round, setRound] = useState(0);
  const ids = useQuery({
    queryKey: ['review-queue', filter, round],
    queryFn: ({ signal }) =>
      client.samples.ids(
        { filter, sort: { by: 'added', direction: 'ascending' }, offset: 0, limit: MAX_QUEUE },
        { signal },
      ),
    // Read once a round, also where everything is read again after a time without a connection: what is decided must not
    // leave the queue while one goes through it, nor the place in it be lost.
    enabled: ({ state }) => state.data === undefined,
    gcTime: 0,
  });
  if (ids.isError)
    return <ErrorState title={t.duplicates.loadFailed} error={ids.error} onRetry={() => void ids.refetch()} />;
  if (!ids.data) return <div className="review-loading" aria-busy />;
  return (
    <Queue
      key={round}
      datasetId={filter.datasetId}
      ids={ids.data.ids}
      onNextQueue={onNextQueue}
      onAgain={() => setRound(round + 1)}
    />
  );
}

interface QueueProps {
  readonly datasetId: number;
  readonly ids: readonly number[];
  readonly onNextQueue: () => void;
  readonly onAgain: () => void;
}

function Queue({ datasetId, ids, onNextQueue, onAgain }: QueueProps) {
  const [queue, setQueue] = useState<ReviewQueue>(() => reviewQueue(ids));
  const [place, setPlace] = useState(FIT);
  const [viewing, setViewing] = useState(false);
  const { onDecided, onFailed } = useDecisionToasts(datasetId);
  const remember = useUndoneDecisions<{ readonly sampleId: number; readonly status: SampleStatus }>(
    datasetId,
    (undone) =>
      setQueue((before) =>
        takeBack(
          before,
          undone.map((decision) => decision.sampleId),
        ),
      ),
    (redone) => setQueue((before) => redone.reduce((next, one) => doneAgain(next, one.sampleId, one.status), before)),
  );
  const labels = useLabels(datasetId);
  const queries = useQueryClient();
  const [, redraw] = useState(0);
  const decisions = useRef<DecisionQueue>(null);
  decisions.current ??= new DecisionQueue({
    isAway: isOffline,
    apply: (decision) => coreSource.apply(datasetId, decision.target, decision.change),
    onDone: (decision, _, { target, change }) => {
      const sampleId = target.kind === 'ids' ? target.ids[0] : undefined;
      if (sampleId !== undefined && change.status) remember(decision.id, { sampleId, status: change.status });
      void queries.invalidateQueries({ queryKey: api.samples.details.key() });
      onDecided(decision);
    },
    onFailed: (error, { target, change }) => {
      if (target.kind === 'ids' && change.status) setQueue((before) => takeBack(before, target.ids));
      onFailed(error, () => {
        const isTaken = decisions.current?.decide(target, change) === true;
        const { status } = change;
        if (!isTaken || target.kind !== 'ids' || status === undefined) return;
        setQueue((before) => target.ids.reduce((next, one) => doneAgain(next, one, status), before));
      });
    },
    onChange: () => redraw((count) => count + 1),
  });

  const id = current(queue);
  const near = ahead(queue, AHEAD);
  const details = useQueries({
    queries: near.map((one) => api.samples.details.queryOptions({ input: { id: one }, staleTime: 60_000 })),
  });
  const front = id === undefined ? undefined : details[near.indexOf(id)];
  usePreloaded(details.slice(1).map((one) => one.data?.sample));
  const sample = front?.data && decisions.current.shown(front.data.sample);
  const status = id === undefined ? undefined : queue.decided.get(id);

  const act = (wanted: SampleStatus) => {
    if (id === undefined) return;
    setPlace(FIT);
    setQueue(decide(queue, wanted));
    decisions.current?.decide({ kind: 'ids', ids: [id] }, { status: wanted });
  };
  const move = (by: number) => {
    setPlace(FIT);
    setQueue(goTo(queue, queue.at + by));
  };
  const change = (sampleId: number, wanted: SampleChange) => {
    if (wanted.status !== undefined && sampleId === id) act(wanted.status);
    else decisions.current?.decide({ kind: 'ids', ids: [sampleId] }, wanted);
  };
  useReviewCommands({
    enabled: !viewing,
    onDecide: act,
    onStep: move,
    onLabel: (number) => {
      const label = labels[number - 1];
      if (label !== undefined && id !== undefined) change(id, { label });
    },
    onPreview: () => setViewing(sample !== undefined),
  });
  // The next one is on its way: the viewer keeps the last until it is here.
  const viewed = useRef(sample);
  viewed.current = sample ?? viewed.current;
  if (id === undefined && viewing) setViewing(false);

  if (id === undefined) {
    return (
      <EmptyState
        icon={CircleCheck}
        title={t.duplicates.queueDone}
        text={t.duplicates.queueDoneText(queue.decided.size)}
      >
        <Button variant="primary" onClick={onNextQueue}>
          {t.duplicates.nextQueue}
        </Button>
        <Button onClick={onAgain}>{t.duplicates.reviewAgain}</Button>
      </EmptyState>
    );
  }
  const done = queue.decided.size;
  return (
    <div className="review-queue-work">
      <header className="review-progress">
        <Progress value={(done / queue.ids.length) * 100} label={t.duplicates.progress(done, queue.ids.length)} />
        <span>{t.duplicates.progress(done, queue.ids.length)}</span>
        <span className="text-ink-quiet">{t.duplicates.remaining(remaining(queue))}</span>
      </header>
      <div className="review-columns">
        <div className="review-picture">
          {sample && <ImagePane key={sample.sha256} sample={sample} place={place} onPlace={setPlace} />}
          {status && (
            <span className="review-decided">
              <StatusMark status={status} />
              {t.duplicates.decided(t.samples.statusName(status))}
            </span>
          )}
        </div>
        <aside className="review-why" aria-label={t.duplicates.why}>
          {sample && (
            <Inspector
              datasetId={datasetId}
              sample={sample}
              labels={labels}
              bare
              onChange={(wanted) => change(sample.id, wanted)}
            />
          )}
          {front?.isError && (
            <ErrorState title={t.samples.detailsFailed} error={front.error} onRetry={() => void front.refetch()} />
          )}
        </aside>
      </div>
      <footer className="review-actions">
        <Button onClick={() => move(-1)} disabled={queue.at === 0}>
          <ChevronLeft size={14} aria-hidden /> {t.duplicates.previous} <Kbd keys={keyOf('review.previous')} />
        </Button>
        <IconButton
          label={t.samples.preview}
          keys={shownKey('review.preview')}
          icon={Maximize2}
          disabled={!sample}
          onClick={() => setViewing(true)}
        />
        <span className="grow" />
        <Button onClick={() => act('accepted')}>
          <CircleCheck size={14} aria-hidden /> {t.samples.accept} <Kbd keys={keyOf('review.accept')} />
        </Button>
        <Button onClick={() => act('quarantined')}>
          <TriangleAlert size={14} aria-hidden /> {t.samples.quarantine} <Kbd keys={keyOf('review.quarantine')} />
        </Button>
        <Button onClick={() => act('rejected')}>
          <OctagonX size={14} aria-hidden /> {t.samples.reject} <Kbd keys={keyOf('review.reject')} />
        </Button>
        <span className="grow" />
        <Button onClick={() => move(1)}>
          {t.duplicates.skip} <ChevronRight size={14} aria-hidden /> <Kbd keys={keyOf('review.next')} />
        </Button>
      </footer>
      {viewing && viewed.current && (
        <ReviewViewer
          datasetId={datasetId}
          samples={[viewed.current]}
          placeOf={() => queue.at}
          count={queue.ids.length}
          neighbours={details.slice(1).map((one) => one.data?.sample)}
          labels={labels}
          onStep={move}
          onChange={(one, wanted) => change(one.id, wanted)}
          onClose={() => setViewing(false)}
        />
      )}
    </div>
  );
}
