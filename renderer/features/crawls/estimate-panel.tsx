import { useState } from 'react';
import { t } from '../../messages/index.ts';
import { Button } from '../../ui/button.tsx';
import { Disclosure } from '../../ui/disclosure.tsx';
import type { DraftRequests } from './draft-requests.ts';
import { type Headline, headlineOf, isTooLarge, sourceParts, type WholeEstimate } from './estimate-view.ts';
import { useEstimate } from './use-estimate.ts';

/** Sources that are listed before somebody wants to see them all. */
const SHOWN = 6;

interface EstimatePanelProps {
  readonly requests: DraftRequests;
  readonly isBlank: boolean;
  /** What paths are called that mean nothing to a person. */
  readonly pathNames: Readonly<Record<string, string>>;
}

/** What can be told before the run, and what each number stands on. */
export function EstimatePanel({ requests, isBlank, pathNames }: EstimatePanelProps) {
  const { estimate, isAsking, error } = useEstimate(requests);
  const isWrong = requests.problems.length > 0;
  if (isBlank || isWrong) {
    return <p className="hint">{isBlank ? t.crawls.estimateEmpty : t.crawls.estimateWrong}</p>;
  }
  if (error !== null && !isAsking) {
    return (
      <p className="notice" role="alert">
        {t.crawls.estimateFailed} {error.message}
      </p>
    );
  }
  return (
    <div className="estimate" aria-live="polite" aria-busy={isAsking}>
      {estimate === null ? (
        <p className="hint">{t.crawls.estimating}</p>
      ) : (
        <Numbers
          estimate={estimate}
          maxImages={requests.crawl?.maxImages ?? null}
          isAsking={isAsking}
          pathNames={pathNames}
        />
      )}
    </div>
  );
}

interface NumbersProps extends Pick<EstimatePanelProps, 'pathNames'> {
  readonly estimate: WholeEstimate;
  readonly maxImages: number | null;
  readonly isAsking: boolean;
}

function Numbers({ estimate, maxImages, isAsking, pathNames }: NumbersProps) {
  const [isWhole, setWhole] = useState(false);
  const { durationMs, bytes, freeBytes, toldSources, untoldSources, waitingSources, toldImages, sources } = estimate;
  const shown = isWhole ? sources : sources.slice(0, SHOWN);
  const facts = [
    ...(durationMs === null ? [] : [t.crawls.estimateDuration(durationMs)]),
    ...(bytes === null ? [] : [t.crawls.estimateBytes(bytes)]),
    t.crawls.estimateFree(freeBytes),
  ];
  return (
    <>
      <p className="estimate-main">{words(headlineOf(estimate, maxImages))}</p>
      <ul className="estimate-facts">
        {toldSources < sources.length && toldImages > 0 && <li>{t.crawls.estimateTold(toldSources, toldImages)}</li>}
        {untoldSources > 0 && <li>{t.crawls.estimateUntold(untoldSources)}</li>}
        {facts.map((fact) => (
          <li key={fact}>{fact}</li>
        ))}
      </ul>
      {isTooLarge(estimate) && <p className="notice">{t.crawls.estimateTooLarge}</p>}
      <ul className="estimate-sources" aria-label={t.crawls.estimateSources}>
        {shown.map((each) => {
          const { kind, text } = sourceParts(each.source);
          return (
            <li key={each.source} data-basis={each.basis}>
              <span className="estimate-source" title={each.source}>
                <span className="text-ink-quiet">{t.crawls.sourceKind(kind)}</span> {pathNames[text] ?? text}
              </span>
              <div>
                {t.crawls.estimateSource(each, kind)}
                {each.basis === 'unreachable' && each.reason !== null && each.detail !== null && (
                  <Disclosure title={t.crawls.estimateDetails} className="estimate-details">
                    <p>{each.detail}</p>
                  </Disclosure>
                )}
              </div>
            </li>
          );
        })}
      </ul>
      {shown.length < sources.length && (
        <Button size="small" variant="ghost" className="justify-self-start" onClick={() => setWhole(true)}>
          {t.crawls.allSources(sources.length)}
        </Button>
      )}
      {(isAsking || waitingSources > 0) && <p className="hint">{t.crawls.estimating}</p>}
    </>
  );
}

function words(headline: Headline): string {
  switch (headline.kind) {
    case 'about':
      return t.crawls.estimateAbout(headline.images, headline.isLimited);
    case 'up-to':
      return t.crawls.estimateUpTo(headline.images);
    case 'at-least':
      return t.crawls.estimateAtLeast(headline.images);
    case 'unknown':
      return t.crawls.estimateUnknown;
  }
}
