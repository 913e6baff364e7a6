import './inspector.css';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { FolderOpen } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { Link } from 'wouter';
import type { SampleChange } from '../../../shared/contract/decisions.ts';
import type { Origin, SampleDetails, SampleSummary } from '../../../shared/contract/samples.ts';
import { SPLITS, type Split } from '../../../shared/vocabulary.ts';
import { host } from '../../api/host.ts';
import { api } from '../../api/query.ts';
import { formatAgo, formatBytes, formatCount } from '../../messages/format.ts';
import { t } from '../../messages/index.ts';
import { Disclosure } from '../../ui/disclosure.tsx';
import { ErrorState } from '../../ui/error-state.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Select } from '../../ui/select.tsx';
import { StatusMark } from '../../ui/status-mark.tsx';
import { showInFolder } from '../drags/show-in-folder.ts';
import { ChecksList } from './checks-list.tsx';
import { exifRows } from './exif-rows.ts';
import { formatNumber } from './format-measure.ts';
import { ImagePane } from './image-pane.tsx';
import { LabelPicker } from './label-picker.tsx';
import { OutsideLink } from './link.tsx';
import { CaptionEditor, TagsEditor } from './text-editors.tsx';
import { FIT } from './viewer-transform.ts';

interface InspectorProps {
  readonly datasetId: number;
  /** As it looks now, with what is being decided. */
  readonly sample: SampleSummary;
  readonly labels: readonly string[];
  readonly onChange: (change: SampleChange) => void;
  /** Without the picture, where it is shown beside this already. */
  readonly bare?: boolean;
}

/** Everything that is known about one image. */
export function Inspector({ datasetId, sample, labels, onChange, bare = false }: InspectorProps) {
  const query = useQuery({
    ...api.samples.details.queryOptions({ input: { id: sample.id } }),
    placeholderData: keepPreviousData,
  });
  const details = query.data?.sample.id === sample.id ? query.data : undefined;
  const [place, setPlace] = useState(FIT);
  return (
    <div className="inspector">
      {!bare && (
        <div className="inspector-picture">
          <ImagePane key={sample.sha256} sample={sample} place={place} onPlace={setPlace} />
        </div>
      )}
      <div className="inspector-head">
        <h2 className="inspector-title">{t.samples.titleOf(sample)}</h2>
        {showInFolder !== null && (
          <IconButton
            label={t.samples.showOriginal}
            icon={FolderOpen}
            onClick={() => showInFolder?.({ kind: 'image', sha256: sample.sha256 })}
          />
        )}
      </div>
      <div className="inspector-status">
        <StatusMark status={sample.status} />
        <strong>{t.samples.statusName(sample.status)}</strong>
        <span>{sample.decidedBy === 'user' ? t.samples.decidedByUser : t.samples.decidedByRules}</span>
      </div>
      {sample.reasons.length > 0 && (
        <ul className="inspector-reasons">
          {sample.reasons.map((reason) => (
            <li key={reason}>{t.samples.reasonName(reason)}</li>
          ))}
        </ul>
      )}
      <div className="inspector-fields">
        <span id="inspector-label">{t.samples.label}</span>
        <LabelPicker
          labels={labels}
          value={sample.label}
          onChoose={(label) => onChange({ label })}
          labelledBy="inspector-label"
        />
        <span id="inspector-split">{t.samples.split}</span>
        <Select
          aria-labelledby="inspector-split"
          value={sample.split ?? 'none'}
          onValueChange={(split) => onChange({ split: split === 'none' ? null : (split as Split) })}
          options={['none', ...SPLITS].map((split) => ({
            value: split,
            label: split === 'none' ? t.samples.noSplit : t.samples.splitName(split as Split),
          }))}
        />
        <CaptionEditor
          key={`caption-${sample.id}`}
          caption={sample.caption}
          onChange={(caption) => onChange({ caption })}
        />
        <TagsEditor
          tags={sample.tags}
          onAdd={(tag) => onChange({ addTags: [tag] })}
          onRemove={(tag) => onChange({ removeTags: [tag] })}
        />
      </div>
      {sample.keeper && (
        <Keeper datasetId={datasetId} keeper={sample.keeper} groupId={details?.duplicateGroupId ?? null} />
      )}
      {query.isError && !details && (
        <ErrorState title={t.samples.detailsFailed} error={query.error} onRetry={() => void query.refetch()} />
      )}
      {details && <Details details={details} />}
    </div>
  );
}

function Keeper(props: {
  readonly datasetId: number;
  readonly keeper: NonNullable<SampleSummary['keeper']>;
  readonly groupId: number | null;
}) {
  const { datasetId, keeper, groupId } = props;
  return (
    <Part title={t.samples.keeper}>
      <div className="inspector-keeper">
        <img src={host.mediaUrl('thumb', keeper.sha256)} alt={t.samples.keeper} />
        <span>{t.samples.keeperDistance(keeper.distance)}</span>
        {groupId !== null && (
          <Link href={`/datasets/${datasetId}/review?group=${groupId}`} className="inspector-link">
            {t.samples.openGroup}
          </Link>
        )}
      </div>
    </Part>
  );
}

function Details({
  details: { sample, measurements, facts, checks, exif, history },
}: {
  readonly details: SampleDetails;
}) {
  const words = t.samples.facts;
  const exifFacts = exifRows(exif);
  return (
    <>
      <Part title={t.samples.checks}>
        {checks.length === 0 ? (
          <p className="inspector-none">{t.samples.noFindings}</p>
        ) : (
          <ChecksList sample={sample} checks={checks} />
        )}
      </Part>
      <Part title={t.samples.origins(sample.origins.length)}>
        {sample.origins.map((origin, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: origins have no id, and are only ever added behind
          <OriginFacts key={at} origin={origin} />
        ))}
      </Part>
      <Part title={t.samples.file}>
        <Facts
          facts={[
            [words.dimensions, t.samples.dimensions(sample)],
            [words.size, formatBytes(sample.bytes)],
            [words.format, t.samples.formatName(sample.format)],
            [words.colourSpace, `${t.samples.colourSpace(facts.colourSpace)}, ${t.samples.bits(facts.bitDepth)}`],
            ...(facts.frames > 1 ? [[words.frames, formatCount(facts.frames)] as const] : []),
            [words.alpha, facts.hasAlpha ? t.samples.yes : t.samples.no],
            [words.profile, facts.hasIccProfile ? t.samples.yes : t.samples.no],
            [words.integrity, facts.integrity === 'ok' ? t.samples.whole : (facts.detail ?? t.samples.damaged)],
            ...(sample.name === null ? [] : [[words.name, sample.name] as const]),
            [words.added, <Moment key="added" at={sample.createdAt} />],
            [words.sha256, sample.sha256],
          ]}
        />
      </Part>
      <Part title={t.samples.measurements} closed>
        <Facts
          facts={Object.entries(measurements).map(([name, value]) => [
            measurementName(name),
            Array.isArray(value)
              ? value.map(formatNumber).join(' · ')
              : typeof value === 'number'
                ? formatNumber(value)
                : value,
          ])}
        />
      </Part>
      <Part title={t.samples.exif} closed>
        {exifFacts.length === 0 ? <p className="inspector-none">{t.samples.noExif}</p> : <Facts facts={exifFacts} />}
      </Part>
      <Part title={t.samples.history}>
        <ol className="inspector-history">
          {history.map((entry, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: entries have no id, and their order is what tells them apart
            <li key={at}>
              <span>{t.samples.historyEvents[entry.event]}</span>
              <Moment at={entry.at} />
              {entry.changes.map((change) => (
                <span key={change.field} className="inspector-change">
                  {t.samples.historyChange(change.field, change.from, change.to)}
                </span>
              ))}
            </li>
          ))}
        </ol>
      </Part>
    </>
  );
}

function OriginFacts({ origin }: { readonly origin: Origin }) {
  const words = t.samples.origin;
  const { verdict, signals } = origin.consent;
  return (
    <div className="inspector-origin">
      <Facts
        facts={[
          [words.source, t.samples.sourceName(origin.source)],
          ...(origin.pageUrl === null
            ? []
            : [[words.page, <OutsideLink key="page" address={origin.pageUrl} />] as const]),
          [words.image, <OutsideLink key="image" address={origin.imageUrl} />],
          [words.licence, t.samples.licenceName(origin.licence)],
          ...(origin.creator === null ? [] : [[words.creator, origin.creator] as const]),
          ...(origin.attribution === null ? [] : [[words.attribution, origin.attribution] as const]),
          [
            words.fetched,
            <span key="fetched">
              <Moment at={origin.fetchedAt} />
              {origin.httpStatus !== null && `, ${t.samples.httpStatus(origin.httpStatus)}`}
            </span>,
          ],
          [
            words.consent,
            <span key="consent" title={signals.map((signal) => signal.evidence).join('\n')}>
              {[
                t.samples.consent[verdict],
                ...signals.map((signal) => t.samples.signal(signal.signal, signal.refused)),
              ].join(' · ')}
            </span>,
          ],
        ]}
      />
    </div>
  );
}

/** How long ago, with the exact time for whoever points at it. */
function Moment({ at }: { readonly at: number }) {
  return (
    <time dateTime={new Date(at).toISOString()} title={t.samples.moment(at)}>
      {formatAgo(at)}
    </time>
  );
}

function Part({
  title,
  closed = false,
  children,
}: {
  readonly title: string;
  readonly closed?: boolean;
  readonly children: ReactNode;
}) {
  return (
    <Disclosure title={title} className="inspector-part" open={!closed}>
      {children}
    </Disclosure>
  );
}

function Facts({ facts }: { readonly facts: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className="inspector-facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

const MEASUREMENT_NAMES = t.samples.measurementNames;
function measurementName(name: string): string {
  return name in MEASUREMENT_NAMES ? MEASUREMENT_NAMES[name as keyof typeof MEASUREMENT_NAMES] : name;
}
