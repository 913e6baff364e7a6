import { formatView, parseView } from './browse-view.ts';

/** A filter under a name, as the search of an address. */
export interface SavedFilter {
  readonly name: string;
  readonly search: string;
}

const MAX_SAVED = 50;

/** Of one dataset, from what the browser kept; whatever is no saved filter is left out. */
export function parseSavedFilters(text: string | null): readonly SavedFilter[] {
  let kept: unknown;
  try {
    kept = JSON.parse(text ?? '[]');
  } catch {
    return [];
  }
  if (!Array.isArray(kept)) return [];
  return kept
    .filter(
      (one): one is SavedFilter => typeof one?.name === 'string' && one.name !== '' && typeof one?.search === 'string',
    )
    .map(({ name, search }) => ({ name: name.slice(0, 100), search: formatView(parseView(search)) }))
    .slice(0, MAX_SAVED);
}

/** With this filter first; one of the same name is replaced. */
export function withSavedFilter(saved: readonly SavedFilter[], filter: SavedFilter): readonly SavedFilter[] {
  return [filter, ...saved.filter((one) => one.name !== filter.name)].slice(0, MAX_SAVED);
}

export function withoutSavedFilter(saved: readonly SavedFilter[], name: string): readonly SavedFilter[] {
  return saved.filter((one) => one.name !== name);
}
