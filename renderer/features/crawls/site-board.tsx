import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/query.ts';
import { formatCount } from '../../messages/format.ts';
import { t } from '../../messages/index.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';

const LOOK_AGAIN_MS = 1_000;
/** Sites that are shown before somebody wants to see them all; those in trouble are always the first. */
const SHOWN = 10;
/** More are not read line by line. */
const MOST = 500;
const TIME = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });

/** Who is asked, how often, and who pushes back: those in trouble first, then the busiest. */
export function SiteBoard({ jobId }: { readonly jobId: number }) {
  const [isWhole, setWhole] = useState(false);
  const { data = [] } = useQuery({
    ...api.jobs.sites.queryOptions({ input: { id: jobId } }),
    refetchInterval: LOOK_AGAIN_MS,
  });
  const sites = [...data].sort(
    (a, b) =>
      Number(b.trouble !== null) - Number(a.trouble !== null) || b.inFlight - a.inFlight || b.waiting - a.waiting,
  );
  return (
    <section className="part" aria-labelledby="sites">
      <h2 id="sites">{t.crawls.sites}</h2>
      <p className="hint">{sites.length === 0 ? t.crawls.sitesEmpty : t.crawls.sitesHint}</p>
      {sites.length > 0 && (
        <table className="sites">
          <thead>
            <tr>
              <th scope="col">{t.crawls.site}</th>
              <th scope="col" className="number">
                {t.crawls.siteWaiting}
              </th>
              <th scope="col" className="number">
                {t.crawls.siteInFlight}
              </th>
              <th scope="col" className="number">
                {t.crawls.siteDelay}
              </th>
              <th scope="col" className="number">
                {t.crawls.siteAnswer}
              </th>
              <th scope="col">{t.crawls.siteState}</th>
            </tr>
          </thead>
          <tbody>
            {sites.slice(0, isWhole ? MOST : SHOWN).map((site) => (
              <tr key={site.site}>
                <td className="break-all">{site.site}</td>
                <td className="number">{formatCount(site.waiting)}</td>
                <td className="number">{formatCount(site.inFlight)}</td>
                <td className="number">{(site.delayMs / 1000).toFixed(1)} s</td>
                <td className="number">
                  {site.medianResponseMs === 0 ? '–' : `${(site.medianResponseMs / 1000).toFixed(2)} s`}
                </td>
                <td>
                  {site.trouble === null ? (
                    <Badge>{t.crawls.siteFine}</Badge>
                  ) : (
                    <>
                      <Badge
                        tone={site.trouble === 'given-up' || site.trouble === 'closed' ? 'rejected' : 'quarantined'}
                      >
                        {t.jobs.trouble(site.trouble)}
                      </Badge>{' '}
                      {site.trouble !== 'slowed' && site.trouble !== 'closed' && site.nextDueAt !== null && (
                        <span className="text-12 text-ink-quiet">
                          {t.crawls.siteUntil(TIME.format(site.nextDueAt))}
                        </span>
                      )}
                    </>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {!isWhole && sites.length > SHOWN && (
        <Button size="small" variant="ghost" className="mt-1" onClick={() => setWhole(true)}>
          {t.crawls.allSites(sites.length)}
        </Button>
      )}
    </section>
  );
}
