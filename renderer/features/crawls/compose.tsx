import { useState } from 'react';
import type { Dataset } from '../../../shared/contract/datasets.ts';
import type { Job } from '../../../shared/contract/jobs.ts';
import { useCommands } from '../../keyboard/commands.ts';
import { t } from '../../messages/index.ts';
import { useOffline } from '../../stores/live.ts';
import { toast } from '../../stores/toasts.ts';
import { useUploadsOf } from '../../stores/uploads.ts';
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { TextInput } from '../../ui/text-input.tsx';
import { LimitsPart } from './compose-limits.tsx';
import { LocalPart } from './compose-local.tsx';
import { LinesField, Part, type PartProps } from './compose-part.tsx';
import { LABELS_LIST, SearchPart } from './compose-search.tsx';
import { EMPTY_DRAFT, isBlank } from './draft.ts';
import { problemOf, requestsOf } from './draft-requests.ts';
import { useDrafts } from './draft-store.ts';
import { EstimatePanel } from './estimate-panel.tsx';
import { Trial } from './trial.tsx';
import { trialRequest, useStart, useTrial } from './use-start.ts';

interface ComposeProps {
  readonly dataset: Dataset;
  readonly onStarted: (job: Job) => void;
}

/** Puts together what to collect; says what to expect, tries it and starts it. */
export function Compose({ dataset, onStarted }: ComposeProps) {
  const draft = useDrafts((state) => state.drafts[dataset.id]) ?? EMPTY_DRAFT;
  const isOffline = useOffline();
  const uploads = useUploadsOf(dataset.id);
  const requests = requestsOf(draft, dataset.id);
  const [isAsked, setAsked] = useState(false);
  const start = useStart(dataset, requests, onStarted);
  const trial = useTrial(dataset, requests);
  const isReady = requests.problems.length === 0;
  const isImport = isReady && requests.crawl === null;
  const whenReady = (action: () => void) => () => {
    setAsked(!isReady);
    if (isReady) action();
  };
  const onStart = whenReady(() => start.mutate());
  const onTrial = whenReady(() => trial.mutate());
  const clear = () => {
    useDrafts.getState().replace(dataset.id, EMPTY_DRAFT);
    setAsked(false);
    toast(t.crawls.cleared, {
      label: t.ui.undo,
      run: () => useDrafts.getState().replace(dataset.id, draft),
    });
  };
  const isSending = uploads.some(({ failure }) => failure === null);
  const canStart = !isOffline && !start.isPending && !isSending;
  const canTry = canStart && !trial.isPending;
  useCommands('collect', [
    { id: 'crawls.start', isEnabled: canStart, run: onStart },
    { id: 'crawls.trial', isEnabled: canTry, run: onTrial },
    { id: 'crawls.clear', title: t.crawls.clear, isEnabled: !isBlank(draft), run: clear },
  ]);
  // Nobody is told of mistakes before they have asked to go on.
  const problems = isAsked ? requests.problems : [];
  const part: PartProps = {
    draft,
    change: (change) => useDrafts.getState().change(dataset.id, change),
    problems,
  };
  const general = problemOf(problems, 'all');
  return (
    <div className="compose">
      <div className="compose-form">
        <SearchPart {...part} labels={dataset.labels.map(({ name }) => name)} />
        <Part title={t.crawls.web}>
          <div className="compose-columns">
            <LinesField {...part} name="pages" label={t.crawls.pages} hint={t.crawls.pagesHint} rows={3} />
            <LinesField {...part} name="sitemaps" label={t.crawls.sitemaps} hint={t.crawls.sitemapsHint} rows={3} />
          </div>
        </Part>
        <LocalPart {...part} uploads={uploads} />
        <div className="compose-rest">
          <Field label={t.crawls.rest} hint={t.crawls.restHint} error={problemOf(problems, 'restLabel')}>
            {(control) => (
              <TextInput
                {...control}
                list={LABELS_LIST}
                maxLength={100}
                placeholder={t.crawls.restNone}
                value={draft.restLabel}
                onValueChange={(restLabel) => part.change({ restLabel })}
              />
            )}
          </Field>
        </div>
        <LimitsPart {...part} />
      </div>
      <aside className="compose-side" aria-label={t.crawls.ready}>
        <h3>{t.crawls.ready}</h3>
        <EstimatePanel requests={requests} isBlank={isBlank(draft)} pathNames={draft.pathNames} />
        {problems.length > 0 && (
          <div className="notice" role="alert" data-tone="error">
            {general ?? t.crawls.problemsTitle}
            {general === null && (
              <ul className="compose-problems">
                {problems.map(({ field, text }) => (
                  <li key={`${field} ${text}`}>{text}</li>
                ))}
              </ul>
            )}
          </div>
        )}
        {draft.overrideConsent.length > 0 && <p className="notice">{t.crawls.goesPast(draft.overrideConsent)}</p>}
        <div className="compose-actions">
          <Button variant="primary" disabled={!canStart} onClick={onStart}>
            {start.isPending ? t.crawls.starting : isImport ? t.crawls.import : t.crawls.start}
          </Button>
          <Button disabled={!canTry} onClick={onTrial}>
            {t.crawls.trial}
          </Button>
          {!isBlank(draft) && (
            <Button variant="ghost" onClick={clear}>
              {t.crawls.clear}
            </Button>
          )}
        </div>
        {isSending && <p className="hint">{t.crawls.stillSending}</p>}
      </aside>
      <Trial dataset={dataset} request={trialRequest(requests)} onStart={onStart} />
    </div>
  );
}
