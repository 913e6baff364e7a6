import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Check, ChevronLeft, Copy, Crown, Layers, OctagonX } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import type { DuplicateGroup } from '../../../shared/contract/duplicates.ts';
import type { SampleSummary } from '../../../shared/contract/samples.ts';
import { AppError } from '../../../shared/errors.ts';
import { client } from '../../api/client.ts';
import { host } from '../../api/host.ts';
import { api } from '../../api/query.ts';
import { formatBytes } from '../../messages/format.ts';
import { t } from '../../messages/index.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorState } from '../../ui/error-state.tsx';
import { Kbd } from '../../ui/kbd.tsx';
import { Progress } from '../../ui/progress.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { StatusMark } from '../../ui/status-mark.tsx';
import { ImagePane } from '../samples/image-pane.tsx';
import { useDecisionToasts } from '../samples/use-decision-toasts.ts';
import { FIT, type ViewerPlace } from '../samples/viewer-transform.ts';
import { useGroupCommands } from './use-review-commands.ts';

const PAGE = 20;

interface GroupReviewProps {
  readonly datasetId: number;
  readonly total: number;
  /** The group that a link names; null begins with the first. */
  readonly groupId: number | null;
}

/** Duplicate groups one after another: which image is kept, and whether they are duplicates at all. */
export function GroupReview({ datasetId, total, groupId }: GroupReviewProps) {
  const [at, setAt] = useState(0);
  const named = useQuery({
    ...api.duplicates.get.queryOptions({ input: { id: groupId ?? 1 } }),
    enabled: groupId !== null,
  });
  const list = useInfiniteQuery({
    ...api.duplicates.list.infiniteOptions({
      input: (after: number) => ({ datasetId, limit: PAGE, after }),
      initialPageParam: 0,
      getNextPageParam: (page) => page.next ?? undefined,
    }),
    placeholderData: keepPreviousData,
  });
  const listed = useMemo(() => list.data?.pages.flatMap((page) => page.items) ?? [], [list.data]);
  const groups = useMemo(
    () => (named.data ? [named.data, ...listed.filter((group) => group.id !== named.data.id)] : listed),
    [named.data, listed],
  );
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list;
  useEffect(() => {
    if (at >= groups.length - 3 && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [at, groups.length, hasNextPage, isFetchingNextPage, fetchNextPage]);

  if (list.isError && groups.length === 0) {
    return <ErrorState title={t.duplicates.loadFailed} error={list.error} onRetry={() => void list.refetch()} />;
  }
  if (list.isPending || (groupId !== null && named.isPending)) return <div className="review-loading" aria-busy />;
  if (groups.length === 0) {
    return <EmptyState icon={Copy} title={t.duplicates.noGroupsTitle} text={t.duplicates.noGroupsText} />;
  }
  const place = Math.min(at, groups.length - 1);
  return (
    <Group
      key={groups[place]!.id}
      datasetId={datasetId}
      group={groups[place]!}
      place={place}
      total={Math.max(total, groups.length)}
      onStep={(by) => setAt(Math.min(groups.length - 1, Math.max(0, place + by)))}
    />
  );
}

interface GroupProps {
  readonly datasetId: number;
  readonly group: DuplicateGroup;
  readonly place: number;
  readonly total: number;
  readonly onStep: (by: number) => void;
}

function Group({ datasetId, group, place, total, onStep }: GroupProps) {
  const [front, setFront] = useState(0);
  const [mode, setMode] = useState<'side' | 'flicker'>('side');
  const [showKeeper, setShowKeeper] = useState(false);
  const [zoom, setZoom] = useState<ViewerPlace>(FIT);
  const { onFailed, onDecided, said } = useDecisionToasts(datasetId);
  const queries = useQueryClient();
  const refresh = () => queries.invalidateQueries({ queryKey: api.duplicates.key() });
  const act = useMutation({
    mutationFn: async (wanted: 'keep-all' | 'choose' | 'reject') => {
      if (wanted === 'keep-all') {
        const { decisionId } = await client.duplicates.keepAll({ id: group.id });
        said(t.duplicates.keptAll, decisionId);
      } else if (wanted === 'choose' && member) {
        const { decisionId } = await client.duplicates.chooseKeeper({ id: group.id, sampleId: member.sample.id });
        said(t.duplicates.chosen, decisionId);
      } else if (wanted === 'reject') {
        if (group.memberCount > group.members.length) {
          throw new AppError('conflict', t.duplicates.tooManyToReject(group.memberCount, group.members.length));
        }
        const ids = group.members.map((one) => one.sample.id);
        onDecided(
          await client.decisions.apply({ datasetId, target: { kind: 'ids', ids }, change: { status: 'rejected' } }),
        );
      }
    },
    onSuccess: (_nothing, wanted) => {
      void refresh();
      // A group that is done with leaves the list, and the next one takes its place.
      if (wanted === 'choose') onStep(1);
    },
    onError: onFailed,
  });
  const member = group.members[Math.min(front, group.members.length - 1)];
  const stepMember = (by: number) => {
    if (group.members.length > 0) setFront((front + by + group.members.length) % group.members.length);
  };
  useGroupCommands({
    onStep,
    onStepMember: stepMember,
    onKeepAll: () => act.mutate('keep-all'),
    onChoose: () => act.mutate('choose'),
    onReject: () => act.mutate('reject'),
    onFlicker: () => {
      if (mode === 'flicker') setShowKeeper(!showKeeper);
      setMode('flicker');
    },
  });

  const keeper = group.keeper;
  const flickered = showKeeper || !member ? keeper : member.sample;
  return (
    <div className="review-queue-work">
      <header className="review-progress">
        <Progress value={((place + 1) / total) * 100} label={t.duplicates.group(place + 1, total)} />
        <span>{t.duplicates.group(place + 1, total)}</span>
        <span className="text-ink-quiet">{t.duplicates.groupMembers(group.memberCount)}</span>
        <span className="grow" />
        <Segmented
          label={t.duplicates.sideBySide}
          value={mode}
          onValueChange={setMode}
          options={[
            { value: 'side', label: t.duplicates.sideBySide },
            { value: 'flicker', label: t.duplicates.flicker },
          ]}
        />
      </header>
      <div className="review-pair" data-mode={mode}>
        {mode === 'side' ? (
          <>
            <Side
              sample={keeper}
              title={group.keptBecause === 'chosen' ? t.duplicates.keeper : t.duplicates.proposedKeeper}
              note={t.duplicates.keptBecause[group.keptBecause]}
              keeper
              place={zoom}
              onPlace={setZoom}
            />
            {member && (
              <Side
                sample={member.sample}
                title={t.duplicates.member(front + 1)}
                note={comparison(keeper, member.sample, member.distance)}
                place={zoom}
                onPlace={setZoom}
              />
            )}
          </>
        ) : (
          <Side
            sample={flickered}
            title={t.duplicates.showing(flickered === keeper ? t.duplicates.keeper : t.duplicates.member(front + 1))}
            note={
              flickered === keeper || !member
                ? t.duplicates.keptBecause[group.keptBecause]
                : comparison(keeper, member.sample, member.distance)
            }
            keeper={flickered === keeper}
            place={zoom}
            onPlace={setZoom}
          />
        )}
      </div>
      <ul className="review-strip" aria-label={t.duplicates.groupMembers(group.memberCount)}>
        {group.members.map((one, index) => (
          <li key={one.sample.id}>
            <button
              type="button"
              aria-current={index === front ? 'true' : undefined}
              aria-label={`${t.duplicates.member(index + 1)}, ${t.duplicates.distance(one.distance)}`}
              onClick={() => setFront(index)}
            >
              <img src={host.mediaUrl('thumb', one.sample.sha256)} alt="" />
            </button>
          </li>
        ))}
        {group.memberCount > group.members.length && (
          <li className="text-ink-quiet">{t.duplicates.moreMembers(group.memberCount - group.members.length)}</li>
        )}
      </ul>
      <footer className="review-actions">
        <Button onClick={() => onStep(-1)} disabled={place === 0}>
          <ChevronLeft size={14} aria-hidden /> {t.duplicates.previous} <Kbd keys="up" />
        </Button>
        <span className="grow" />
        <Button onClick={() => onStep(1)}>
          <Check size={14} aria-hidden /> {t.duplicates.confirmKeeper} <Kbd keys="enter" />
        </Button>
        <Button onClick={() => act.mutate('choose')} disabled={!member || act.isPending}>
          <Crown size={14} aria-hidden /> {t.duplicates.chooseKeeper} <Kbd keys="k" />
        </Button>
        <Button onClick={() => act.mutate('keep-all')} disabled={act.isPending} title={t.duplicates.keepAllHint}>
          <Layers size={14} aria-hidden /> {t.duplicates.keepAll} <Kbd keys="e" />
        </Button>
        <Button onClick={() => act.mutate('reject')} disabled={!member || act.isPending}>
          <OctagonX size={14} aria-hidden /> {t.duplicates.rejectOthers} <Kbd keys="r" />
        </Button>
      </footer>
    </div>
  );
}

interface SideProps {
  readonly sample: SampleSummary;
  readonly title: string;
  readonly note: string;
  readonly keeper?: boolean;
  readonly place: ViewerPlace;
  readonly onPlace: (place: ViewerPlace) => void;
}

function Side({ sample, title, note, keeper = false, place, onPlace }: SideProps) {
  return (
    <figure className="review-side">
      <div className="review-side-picture">
        <ImagePane sample={sample} place={place} onPlace={onPlace} enlarge />
      </div>
      <figcaption>
        <strong>
          {keeper && <Crown size={14} aria-hidden />} {title}
        </strong>
        <StatusMark status={sample.status} />
        <span>{t.samples.statusName(sample.status)}</span>
        <span>{t.samples.dimensions(sample)}</span>
        <span>{formatBytes(sample.bytes)}</span>
        <span>{t.samples.formatName(sample.format)}</span>
        <span className="review-note">{note}</span>
      </figcaption>
    </figure>
  );
}

function comparison(keeper: SampleSummary, sample: SampleSummary, distance: number): string {
  const percent = Math.round((100 * sample.width * sample.height) / Math.max(1, keeper.width * keeper.height));
  return `${t.duplicates.distance(distance)} · ${t.duplicates.smallerBy(percent)}`;
}
