import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect } from 'react';
import { Link, useLocation } from 'wouter';
import type { Dataset } from '../../shared/contract/datasets.ts';
import { api, isMissing } from '../api/query.ts';
import { WindowDrop } from '../features/crawls/window-drop.tsx';
import { takeDrop } from '../features/datasets/take-drop.ts';
import { decidedText } from '../features/samples/decided-text.ts';
import { useCommands } from '../keyboard/commands.ts';
import { formatCount } from '../messages/format.ts';
import { t } from '../messages/index.ts';
import { useUndoableTexts } from '../stores/undoable.ts';
import { ErrorState } from '../ui/error-state.tsx';
import { Screen } from './screen.tsx';
import { redoDecision, undoDecision } from './undo.ts';

export const DATASET_SCREENS = ['browse', 'collect', 'review', 'export'] as const;
export type DatasetScreenName = (typeof DATASET_SCREENS)[number];

interface DatasetScreenProps {
  readonly datasetId: number;
  readonly name: DatasetScreenName;
  readonly fixed?: boolean;
  /** Loads the screen while the dataset is on its way. */
  readonly load: () => Promise<unknown>;
  readonly children: (dataset: Dataset) => ReactNode;
}

/** A screen of one dataset, beside its others. */
export function DatasetScreen({ datasetId, name, fixed = false, load, children }: DatasetScreenProps) {
  const query = useQuery(api.datasets.get.queryOptions({ input: { id: datasetId } }));
  const dataset = query.data;
  const [, navigate] = useLocation();
  useEffect(() => {
    // A failure shows where the screen itself is loaded.
    load().catch(() => undefined);
  }, [load]);
  const next = useQuery(api.decisions.state.queryOptions({ input: { datasetId } })).data;
  useUndoableTexts(next?.undo ? decidedText(next.undo) : null, next?.redo ? decidedText(next.redo) : null);
  useCommands('everywhere', [
    { id: 'app.undo', run: () => void undoDecision(datasetId) },
    { id: 'app.redo', run: () => void redoDecision(datasetId) },
  ]);
  // Also one that was there a moment ago, and was deleted elsewhere.
  const isGone = isMissing(query.error);
  const trail = [
    { title: t.shell.library, href: '/' },
    ...(dataset === undefined ? [] : [{ title: dataset.projectName, href: `/?project=${dataset.projectId}` }]),
  ];
  return (
    <Screen
      title={dataset?.name ?? ''}
      trail={trail}
      fixed={fixed}
      tabs={
        !isGone && (
          <ScreenTabs datasetId={datasetId} current={name} quarantined={dataset?.statusCounts.quarantined ?? 0} />
        )
      }
    >
      {dataset === undefined || isGone
        ? query.isError && (
            <ErrorState title={t.shell.datasetFailed} error={query.error} onRetry={() => void query.refetch()} />
          )
        : children(dataset)}
      {dataset !== undefined && !isGone && name !== 'collect' && (
        <WindowDrop
          title={t.datasets.dropInto(dataset.name)}
          onDrop={(dropped) => void takeDrop(dataset, dropped, navigate)}
        />
      )}
    </Screen>
  );
}

interface ScreenTabsProps {
  readonly datasetId: number;
  readonly current: DatasetScreenName;
  readonly quarantined: number;
}

function ScreenTabs({ datasetId, current, quarantined }: ScreenTabsProps) {
  return (
    <nav className="dataset-tabs" aria-label={t.shell.datasetScreens}>
      {DATASET_SCREENS.map((screen) => (
        <Link
          key={screen}
          href={`/datasets/${datasetId}/${screen}`}
          className="tabs-trigger"
          aria-current={screen === current ? 'page' : undefined}
        >
          {t.shell[screen]}
          {screen === 'review' && quarantined > 0 && (
            <span className="rail-count ml-1">{formatCount(quarantined)}</span>
          )}
        </Link>
      ))}
    </nav>
  );
}
