import type { SampleStatus } from '../../../shared/vocabulary.ts';
import { type Command, useCommands } from '../../keyboard/commands.ts';
import { t } from '../../messages/index.ts';
import { useInterface } from '../../stores/interface.ts';
import type { BrowseSession } from './browse-session.ts';
import { largerTile, smallerTile } from './tile-size.ts';

/** Labels that have a key. */
const DIGITS = [1, 2, 3, 4, 5, 6, 7, 8, 9];

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
}

/** Everything that can be done by key in Browse. */
export function useBrowseCommands(options: BrowseCommands): void {
  const { session, enabled, labels, onSearch, onPreview, onCompare, onToggleFilters, onToggleInspector } = options;
  const words = t.samples.commands;
  const { thumbnailPx, set } = useInterface();
  const decide = (id: string, key: string, title: string, status: SampleStatus): Command => ({
    id: `samples.${id}`,
    title,
    keys: [key],
    isEnabled: enabled,
    run: () => session.decide({ status }),
  });
  const command = (id: string, keys: readonly string[], title: string, run: () => void): Command => ({
    id: `samples.${id}`,
    title,
    keys,
    isEnabled: enabled,
    run,
  });
  useCommands(t.samples.browse, [
    decide('accept', 'a', words.accept, 'accepted'),
    decide('quarantine', 'q', words.quarantine, 'quarantined'),
    decide('reject', 'r', words.reject, 'rejected'),
    ...DIGITS.map((digit) => ({
      ...command(`label-${digit}`, [`${digit}`], words.labelNumber(digit, labels[digit - 1]), () => {
        const label = labels[digit - 1];
        if (label !== undefined) session.decide({ label });
      }),
      isHidden: true,
    })),
    command('preview', ['space'], words.preview, onPreview),
    command('open', ['enter'], words.open, onPreview),
    command('compare', ['c'], words.compare, onCompare),
    command('search', ['/'], words.search, onSearch),
    command('select-all', ['mod+a'], words.selectAll, () => session.selectAll()),
    command('clear', ['escape'], words.clear, () => session.clearSelection()),
    command('smaller', ['['], words.smaller, () => set({ thumbnailPx: smallerTile(thumbnailPx) })),
    command('larger', [']'], words.larger, () => set({ thumbnailPx: largerTile(thumbnailPx) })),
    command('inspector', ['i'], words.inspector, onToggleInspector),
    command('filters', ['f'], words.filters, onToggleFilters),
  ]);
}
