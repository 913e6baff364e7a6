/** How the search services are, from what the politeness towards their sites remembers. */

import type { SourceStatus } from '../../shared/contract/sources.ts';
import type { CoreServices } from '../core-services.ts';
import { siteOf } from '../crawl/url-rules.ts';
import type { FeatureRouter, Procedures } from '../procedures.ts';
import type { SavedSite } from '../sites/site.ts';

const SOURCES = ['openverse', 'wikimedia'] as const;

export function sourceProcedures(
  os: Procedures,
  { settings, requests, searchHealth }: CoreServices,
): FeatureRouter<'sources'> {
  return os.sources.router({
    list: os.sources.list.handler(() =>
      SOURCES.map((source) => {
        const address = settings.value(`sources.${source}.url`);
        const saved = requests.siteRecord(siteOf(address), 'schedule');
        const site = saved === undefined ? null : (JSON.parse(saved) as SavedSite);
        return { source, address, ...statusOf(site, searchHealth.failures(siteOf(address)), Date.now()) };
      }),
    ),
  });
}

/**
 * @param site what crawls remember of it
 * @param lately requests in a row without a good answer since the core was started; null while there was none
 */
function statusOf(
  site: SavedSite | null,
  lately: number | null,
  now: number,
): Pick<SourceStatus, 'state' | 'failures' | 'nextDueAt'> {
  const remembered = site === null ? 0 : site.failures + site.throttles;
  const failures = Math.max(remembered, lately ?? 0);
  const isTroubled = site !== null && site.troubleSinceMs !== null;
  const nextDueAt = site !== null && site.nextStartAtMs > now && remembered > 0 ? Math.ceil(site.nextStartAtMs) : null;
  if (isTroubled && site.throttles > site.failures) return { state: 'resting', failures, nextDueAt };
  if (lately === 0) return { state: 'working', failures: 0, nextDueAt: null };
  if (isTroubled || lately !== null) return { state: 'failing', failures, nextDueAt };
  return { state: site?.hasAnswered === true ? 'working' : 'unused', failures, nextDueAt };
}
