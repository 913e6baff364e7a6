import { type Command, useCommands } from '../../keyboard/commands.ts';
import { t } from '../../messages/index.ts';
import { useInterface } from '../../stores/interface.ts';
import type { BrowseSession } from './browse-session.ts';
import { largerTile, smallerTile } from './tile-size.ts';

interface BrowseCommands {
  readonly session: BrowseSession;
  /** False while something else is in front. */
  readonly enabled: boolean;
  readonly labels: readonly string[];
  readonly onSearch: () => void;
  readonly onPreview: () => void;
  readonly onCompare: () => void;
  readonly onToggleFilters: () => void;
  readonly onToggleInspector: () => void;
  /** null in a browser. */
  readonly onCopyOut: (() => void) | null;
}

/** Everything that can be done by key in Browse, apart from moving through the grid. */
export function useBrowseCommands(options: BrowseCommands): void {
  const { session, enabled, labels, onSearch, onPreview, onCompare, onToggleFilters, onToggleInspector, onCopyOut } =
    options;
  const { thumbnailPx, set } = useInterface();
  const command = (id: string, run: Command['run']): Command => ({ id: `browse.${id}`, isEnabled: enabled, run });
  useCommands('browse', [
    command('accept', () => session.decide({ status: 'accepted' })),
    command('quarantine', () => session.decide({ status: 'quarantined' })),
    command('reject', () => session.decide({ status: 'rejected' })),
    {
      ...command('label', (digit) => {
        const label = labels[Number(digit) - 1];
        if (label !== undefined) session.decide({ label });
      }),
      isHidden: true,
    },
    command('preview', onPreview),
    command('compare', onCompare),
    command('search', onSearch),
    command('select-all', () => session.selectAll()),
    command('clear', () => session.clearSelection()),
    command('smaller', () => set({ thumbnailPx: smallerTile(thumbnailPx) })),
    command('larger', () => set({ thumbnailPx: largerTile(thumbnailPx) })),
    command('inspector', onToggleInspector),
    command('filters', onToggleFilters),
    ...(onCopyOut === null ? [] : [{ ...command('copy-out', onCopyOut), title: t.drags.copyTo }]),
  ]);
}
