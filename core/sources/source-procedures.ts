/** How the search services are, from what the politeness towards their sites remembers. */

import type { SourceStatus } from '../../shared/contract/sources.ts';
import type { CoreServices } from '../core-services.ts';
import { siteOf } from '../crawl/url-rules.ts';
import type { FeatureRouter, Procedures } from '../procedures.ts';
import type { SavedSite } from '../sites/site.ts';

const SOURCES = ['openverse', 'wikimedia'] as const;

export function sourceProcedures(os: Procedures, { settings, requests }: CoreServices): FeatureRouter<'sources'> {
  return os.sources.router({
    list: os.sources.list.handler(() =>
      SOURCES.map((source) => {
        const address = settings.value(`sources.${source}.url`);
        const saved = requests.siteRecord(siteOf(address), 'schedule');
        const site = saved === undefined ? null : (JSON.parse(saved) as SavedSite);
        return { source, address, ...statusOf(site, Date.now()) };
      }),
    ),
  });
}

function statusOf(site: SavedSite | null, now: number): Pick<SourceStatus, 'state' | 'failures' | 'nextDueAt'> {
  if (site === null) return { state: 'unused', failures: 0, nextDueAt: null };
  const failures = site.failures + site.throttles;
  const nextDueAt = site.nextStartAtMs > now && failures > 0 ? Math.ceil(site.nextStartAtMs) : null;
  if (site.troubleSinceMs === null) return { state: 'working', failures, nextDueAt };
  return { state: site.throttles > site.failures ? 'resting' : 'failing', failures, nextDueAt };
}
