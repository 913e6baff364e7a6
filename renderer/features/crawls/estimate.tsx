import type { CrawlEstimate } from '../../../shared/contract/crawls.ts';
import { t } from '../../messages/index.ts';

/** What can be told before the run, and what each number stands on. */
export function Estimate({ estimate }: { readonly estimate: CrawlEstimate }) {
  const facts = [
    t.crawls.estimateDuration(estimate.durationMs),
    t.crawls.estimateBytes(estimate.bytes),
    t.crawls.estimateFree(estimate.freeBytes),
  ].filter((fact) => fact !== null);
  return (
    <section className="estimate" aria-live="polite" aria-label={t.crawls.estimate}>
      <p className="estimate-main">{t.crawls.estimateImages(estimate.images)}</p>
      <p>{facts.join(' · ')}</p>
      <ul className="estimate-sources">
        {estimate.sources.map((source) => (
          <li key={source.source}>
            <span className="truncate">{source.source}</span>
            <span title={source.detail ?? undefined}>{t.crawls.estimateSource(source)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
