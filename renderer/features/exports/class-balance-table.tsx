import '../samples/picker.css';
import { keepPreviousData, useQueries, useQuery } from '@tanstack/react-query';
import { CircleAlert } from 'lucide-react';
import type { Dataset } from '../../../shared/contract/datasets.ts';
import { type SampleStatus, SPLITS, type Split } from '../../../shared/vocabulary.ts';
import { api } from '../../api/query.ts';
import { formatCount } from '../../messages/format.ts';
import { t } from '../../messages/index.ts';
import { LabelDot } from '../samples/label-dot.tsx';
import { useLabels } from '../samples/use-labels.ts';
import { useSampleChanges } from '../samples/use-sample-changes.ts';
import { type BalanceRow, bothEnds, classBalance } from './class-balance.ts';

/** Labels that are shown of the largest, and of the smallest. */
const SHOWN_AT_EACH_END = 6;

interface ClassBalanceProps {
  readonly dataset: Dataset;
  /** Those that would be written; at least one. */
  readonly statuses: readonly SampleStatus[];
}

/** How many images of each label would be written, in each split; nothing where there are neither labels nor splits. */
export function ClassBalance({ dataset, statuses }: ClassBalanceProps) {
  const filter = { datasetId: dataset.id, statuses: [...statuses] };
  const labels = useLabels(dataset.id);
  useSampleChanges(dataset.id, () => undefined);
  const facets = useQuery({
    ...api.samples.facets.queryOptions({ input: { filter } }),
    placeholderData: keepPreviousData,
  });
  const counted = facets.data?.facets.split ?? [];
  const used = [...SPLITS, '' as const].filter((split) =>
    counted.some(({ value, count }) => value === split && count > 0),
  );
  const splits = used.some((split) => split !== '') ? used : [];
  const bySplit = useQueries({
    queries: splits.map((split) =>
      api.samples.facets.queryOptions({ input: { filter: { ...filter, splits: [split] } } }),
    ),
  });
  if (facets.data === undefined || bySplit.some(({ data }) => data === undefined)) return null;
  const { rows, largest, scarce } = classBalance(
    labels,
    facets.data.facets.label,
    bySplit.map(({ data }) => data?.facets.label ?? []),
  );
  if (rows.every(({ label }) => label === '') && splits.length === 0) return null;
  const most = Math.max(1, ...rows.map(({ count }) => count));
  const { first, between, last } = bothEnds(rows, SHOWN_AT_EACH_END);
  const row = (each: BalanceRow) => (
    <Row key={each.label} row={each} splits={splits} most={most} place={labels.indexOf(each.label)} />
  );
  return (
    <section className="export-part" aria-labelledby="export-balance">
      <h2 id="export-balance">{t.exports.balance}</h2>
      <div className="balance">
        <table aria-labelledby="export-balance">
          <thead>
            <tr>
              <th scope="col">{t.exports.balanceLabel}</th>
              <td className="balance-bar" />
              <th scope="col">{t.exports.balanceAll}</th>
              {splits.map((split) => (
                <th key={split} scope="col">
                  {t.samples.splitName(split)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {first.map(row)}
            {between > 0 && (
              <tr className="balance-between">
                <td colSpan={3 + splits.length}>{t.exports.balanceBetween(between)}</td>
              </tr>
            )}
            {last.map(row)}
          </tbody>
        </table>
      </div>
      {largest !== null && scarce.length > 0 && <p className="hint">{t.exports.uneven(scarce, largest)}</p>}
    </section>
  );
}

interface RowProps {
  readonly row: BalanceRow;
  readonly splits: readonly (Split | '')[];
  readonly most: number;
  /** Of the label among those of its dataset. */
  readonly place: number;
}

function Row({ row: { label, count, bySplit, isScarce }, splits, most, place }: RowProps) {
  return (
    <tr data-scarce={isScarce || undefined}>
      <th scope="row">
        <span className="balance-label">
          <LabelDot place={place} />
          <span className="truncate" title={t.samples.labelName(label)}>
            {t.samples.labelName(label)}
          </span>
        </span>
      </th>
      <td className="balance-bar" aria-hidden>
        <span className="report-track block">
          <span style={{ width: `${(100 * count) / most}%` }} />
        </span>
      </td>
      <td>
        <span className="balance-count">
          {isScarce && <CircleAlert size={12} role="img" aria-label={t.exports.scarce} />}
          {formatCount(count)}
        </span>
      </td>
      {splits.map((split, at) => (
        <td key={split} data-none={(split !== '' && count > 0 && bySplit[at] === 0) || undefined}>
          {formatCount(bySplit[at] ?? 0)}
        </td>
      ))}
    </tr>
  );
}
