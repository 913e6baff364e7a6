import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Check, ChevronLeft, Copy, Crown, Layers, Maximize2, OctagonX } from 'lucide-react';
import { type CSSProperties, useEffect, useMemo, useState } from 'react';
import type { DuplicateGroup } from '../../../shared/contract/duplicates.ts';
import { host } from '../../api/host.ts';
import { api } from '../../api/query.ts';
import { keyOf, shownKey } from '../../keyboard/key-map.ts';
import { t } from '../../messages/index.ts';
import { useInterface } from '../../stores/interface.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorState } from '../../ui/error-state.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Kbd } from '../../ui/kbd.tsx';
import { Progress } from '../../ui/progress.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { useLabels } from '../samples/use-labels.ts';
import { FIT, type ViewerPlace } from '../samples/viewer-transform.ts';
import { Side } from './group-side.tsx';
import { ReviewViewer } from './review-viewer.tsx';
import { useGroupActions } from './use-group-actions.ts';
import { useGroupCommands } from './use-review-commands.ts';
import { useUndoneDecisions } from './use-undone-decisions.ts';

const PAGE = 20;
/** Of a thumbnail in Browse: the strip is there to choose from, not to look at. */
const STRIP_PART = 0.4;

interface GroupReviewProps {
  readonly datasetId: number;
  readonly total: number;
  /** The group that a link names; null begins with the first. */
  readonly groupId: number | null;
  /** Whose groups these are, where one could think otherwise. */
  readonly scope: string | null;
}

/** Duplicate groups one after another: which image is kept, and whether they are duplicates at all. */
export function GroupReview({ datasetId, total, groupId, scope }: GroupReviewProps) {
  const [at, setAt] = useState(0);
  /** What was decided about it is undone or done again: it comes into view once it is listed; null for none. */
  const [returning, setReturning] = useState<number | null>(null);
  const remember = useUndoneDecisions<number>(
    datasetId,
    ([last]) => setReturning(last ?? null),
    (redone) => setReturning(redone.at(-1) ?? null),
  );
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
  useEffect(() => {
    const place = groups.findIndex(({ id }) => id === returning);
    if (place < 0) return;
    setAt(place);
    setReturning(null);
  }, [groups, returning]);
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
      scope={scope}
      onStep={(by) => {
        setReturning(null);
        setAt(Math.min(groups.length - 1, Math.max(0, place + by)));
      }}
      onKept={(decisionId) => remember(decisionId, groups[place]!.id)}
    />
  );
}

interface GroupProps {
  readonly datasetId: number;
  readonly group: DuplicateGroup;
  readonly place: number;
  readonly total: number;
  readonly scope: string | null;
  readonly onStep: (by: number) => void;
  readonly onKept: (decisionId: number) => void;
}

function Group({ datasetId, group, place, total, scope, onStep, onKept }: GroupProps) {
  const [front, setFront] = useState(0);
  const [mode, setMode] = useState<'side' | 'flicker'>('side');
  const [showKeeper, setShowKeeper] = useState(false);
  const [viewing, setViewing] = useState<'one' | 'both' | null>(null);
  const [zoom, setZoom] = useState<ViewerPlace>(FIT);
  const thumbnailPx = useInterface((state) => state.thumbnailPx);
  const labels = useLabels(datasetId);
  const { keeper, members } = group;
  const at = Math.min(front, members.length - 1);
  const member = members[at];
  const isKeeperInFront = mode === 'flicker' && showKeeper;
  const inFront = isKeeperInFront || !member ? keeper : member.sample;
  const { act, decide, isPending } = useGroupActions(datasetId, group, onKept, () => onStep(1));
  const choose = () => {
    if (member) act({ kind: 'choose', sampleId: member.sample.id });
  };
  const stepMember = (by: number) => {
    if (members.length > 0) setFront((at + by + members.length) % members.length);
  };
  /** @param to 0 for the keeper, then the others */
  const bringToFront = (to: number) => {
    if (to < 0 || to > members.length || (mode === 'side' && to === at + 1)) return;
    setMode('flicker');
    setShowKeeper(to === 0);
    if (to > 0) setFront(to - 1);
  };
  useGroupCommands({
    enabled: viewing === null,
    onStep,
    onStepMember: stepMember,
    onKeepAll: () => act({ kind: 'keep-all' }),
    onChoose: choose,
    onRejectOthers: () => act({ kind: 'reject-others' }),
    onDecide: (status) => decide(inFront, { status }),
    onLabel: (number) => {
      const label = labels[number - 1];
      if (label !== undefined) decide(inFront, { label });
    },
    onPreview: () => setViewing('one'),
    onFlicker: () => {
      if (mode === 'flicker') setShowKeeper(!showKeeper);
      setMode('flicker');
    },
  });
  const side = { group, labels, place: zoom, onPlace: setZoom, onDecide: decide, isPending };
  const memberTitle = t.duplicates.member(at + 1);
  const keeperTitle = group.keptBecause === 'chosen' ? t.duplicates.keeper : t.duplicates.proposedKeeper;

  return (
    <div className="review-queue-work">
      <header className="review-progress">
        <Progress value={((place + 1) / total) * 100} label={t.duplicates.group(place + 1, total)} />
        <span>{t.duplicates.group(place + 1, total)}</span>
        <span className="text-ink-quiet">{t.duplicates.groupMembers(group.memberCount)}</span>
        {scope !== null && <span className="text-ink-quiet">{scope}</span>}
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
            <Side {...side} member={null} title={keeperTitle} inFront={inFront === keeper} />
            {member && <Side {...side} member={at} title={memberTitle} inFront={inFront !== keeper} />}
          </>
        ) : (
          <Side
            {...side}
            member={inFront === keeper ? null : at}
            inFront
            title={t.duplicates.showing(inFront === keeper ? t.duplicates.keeper : memberTitle)}
          />
        )}
      </div>
      <ul
        className="review-strip"
        aria-label={t.duplicates.groupMembers(group.memberCount)}
        style={{ '--strip-px': `${Math.round(thumbnailPx * STRIP_PART)}px` } as CSSProperties}
      >
        {members.map((one, index) => (
          <li key={one.sample.id}>
            <button
              type="button"
              aria-current={index === at ? 'true' : undefined}
              aria-label={`${t.duplicates.member(index + 1)}, ${t.duplicates.distance(one.distance)}`}
              onClick={() => setFront(index)}
            >
              <img src={host.mediaUrl('thumb', one.sample.sha256)} alt="" />
            </button>
          </li>
        ))}
        {group.memberCount > members.length && (
          <li className="text-ink-quiet">{t.duplicates.moreMembers(group.memberCount - members.length)}</li>
        )}
      </ul>
      <footer className="review-actions">
        <Button onClick={() => onStep(-1)} disabled={place === 0}>
          <ChevronLeft size={14} aria-hidden /> {t.duplicates.previous} <Kbd keys={keyOf('groups.previous')} />
        </Button>
        <IconButton
          label={t.samples.preview}
          keys={shownKey('groups.preview')}
          icon={Maximize2}
          onClick={() => setViewing('one')}
        />
        <span className="grow" />
        <Button onClick={() => onStep(1)}>
          <Check size={14} aria-hidden /> {t.duplicates.confirmKeeper} <Kbd keys={keyOf('groups.next')} />
        </Button>
        <Button onClick={() => choose()} disabled={!member || isPending}>
          <Crown size={14} aria-hidden /> {t.duplicates.chooseKeeper} <Kbd keys={keyOf('groups.keeper')} />
        </Button>
        <Button onClick={() => act({ kind: 'keep-all' })} disabled={isPending} title={t.duplicates.keepAllHint}>
          <Layers size={14} aria-hidden /> {t.duplicates.keepAll} <Kbd keys={keyOf('groups.keep-all')} />
        </Button>
        <Button onClick={() => act({ kind: 'reject-others' })} disabled={!member || isPending}>
          <OctagonX size={14} aria-hidden /> {t.duplicates.rejectOthers} <Kbd keys={keyOf('groups.reject-others')} />
        </Button>
      </footer>
      {viewing && (
        <ReviewViewer
          datasetId={datasetId}
          samples={viewing === 'both' && member ? [keeper, member.sample] : [inFront]}
          placeOf={(one) => (one.id === keeper.id ? 0 : at + 1)}
          count={members.length + 1}
          neighbours={[members[at + 1]?.sample, members[at - 1]?.sample, keeper]}
          labels={labels}
          // The keeper comes before the first of the others.
          onStep={(by) => bringToFront((inFront === keeper ? 0 : at + 1) + by)}
          onChange={decide}
          onCompare={(one) => {
            if (viewing === 'both') bringToFront(one.id === keeper.id ? 0 : at + 1);
            setViewing(viewing === 'both' ? 'one' : 'both');
          }}
          onClose={() => setViewing(null)}
        />
      )}
    </div>
  );
}
