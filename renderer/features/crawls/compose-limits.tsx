import { useQuery } from '@tanstack/react-query';
import { ChevronRight } from 'lucide-react';
import { useId, useState } from 'react';
import { api } from '../../api/query.ts';
import { formatCount, formatDecimal } from '../../messages/format.ts';
import { t } from '../../messages/index.ts';
import { Button } from '../../ui/button.tsx';
import { ConsentChoice } from './compose-consent.tsx';
import { LinesField, NumberField, Part, type PartProps } from './compose-part.tsx';

/** As the contract has them where a request says nothing. */
const PAGES_STANDARD = 10_000;
const DEPTH_STANDARD = 3;

const ADVANCED = ['perHost', 'timeoutS', 'include', 'exclude', 'allowHosts'] as const;

/** How much, how far, and how gently; what few need is behind a button. */
export function LimitsPart(props: PartProps) {
  const { draft, problems } = props;
  const advancedId = useId();
  const [isOpen, setOpen] = useState(false);
  const { data: settings = [] } = useQuery(api.settings.list.queryOptions());
  const settingOf = (name: string, standard: number) =>
    Number(settings.find((setting) => setting.name === name)?.value ?? standard);
  const set =
    ADVANCED.filter((name) => draft[name] !== null && draft[name] !== '').length + draft.overrideConsent.length;
  const hasProblem = problems.some(({ field }) => (ADVANCED as readonly string[]).includes(field));
  const isShown = isOpen || hasProblem;
  return (
    <Part title={t.crawls.limits}>
      <div className="compose-numbers">
        <NumberField
          {...props}
          name="maxImages"
          label={t.crawls.maxImages}
          hint={t.crawls.maxImagesHint}
          min={1}
          standard="∞"
        />
        <NumberField
          {...props}
          name="maxPages"
          label={t.crawls.maxPages}
          min={1}
          standard={formatCount(PAGES_STANDARD)}
        />
        <NumberField
          {...props}
          name="depth"
          label={t.crawls.depth}
          hint={t.crawls.depthHint}
          min={0}
          max={100}
          standard={String(DEPTH_STANDARD)}
        />
        <NumberField
          {...props}
          name="delayS"
          label={t.crawls.delay}
          hint={t.crawls.delayHint}
          min={0}
          max={300}
          step={0.1}
          standard={formatDecimal(settingOf('crawl.delayMs', 1000) / 1000)}
        />
      </div>
      <Button
        variant="ghost"
        size="small"
        className="compose-advanced"
        aria-expanded={isShown}
        aria-controls={advancedId}
        onClick={() => setOpen(!isShown)}
      >
        <ChevronRight size={14} aria-hidden />
        {set > 0 ? t.crawls.advancedSet(set) : t.crawls.advanced}
      </Button>
      <div id={advancedId} hidden={!isShown} className="compose-advanced-body">
        <div className="compose-columns">
          <LinesField {...props} name="include" label={t.crawls.include} hint={t.crawls.patternsHint} />
          <LinesField {...props} name="exclude" label={t.crawls.exclude} hint={t.crawls.patternsHint} />
        </div>
        <div className="compose-columns">
          <LinesField {...props} name="allowHosts" label={t.crawls.allowHosts} hint={t.crawls.allowHostsHint} />
          <div className="compose-columns">
            <NumberField
              {...props}
              name="perHost"
              label={t.crawls.perHost}
              hint={t.crawls.perHostHint}
              min={1}
              max={8}
              standard={String(settingOf('crawl.perHost', 1))}
            />
            <NumberField
              {...props}
              name="timeoutS"
              label={t.crawls.timeout}
              hint={t.crawls.timeoutHint}
              min={1}
              max={600}
              standard={formatDecimal(settingOf('crawl.timeoutMs', 60_000) / 1000)}
            />
          </div>
        </div>
        <ConsentChoice {...props} />
      </div>
    </Part>
  );
}
