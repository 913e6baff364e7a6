import { useId } from 'react';
import { CONSENT_OVERRIDES } from '../../../shared/vocabulary.ts';
import { t } from '../../messages/index.ts';
import { Checkbox } from '../../ui/checkbox.tsx';
import type { PartProps } from './compose-part.tsx';

/** What sites refuse that this run goes past; nothing unless it is ticked. */
export function ConsentChoice({ draft, change }: PartProps) {
  const hintId = useId();
  const chosen = draft.overrideConsent;
  return (
    <fieldset className="grid gap-1" aria-describedby={hintId}>
      <legend className="field-label">{t.crawls.override}</legend>
      <p id={hintId} className="field-hint">
        {t.crawls.overrideHint}
      </p>
      <div className="compose-columns gap-y-0">
        {CONSENT_OVERRIDES.map((each) => (
          <Checkbox
            key={each}
            checked={chosen.includes(each)}
            onCheckedChange={(isChosen) =>
              change({ overrideConsent: isChosen ? [...chosen, each] : chosen.filter((other) => other !== each) })
            }
          >
            {t.crawls.overrides[each]}
          </Checkbox>
        ))}
      </div>
    </fieldset>
  );
}
