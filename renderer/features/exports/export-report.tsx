import { CircleCheck, Copy, FolderOpen } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Job } from '../../../shared/contract/jobs.ts';
import { formatBytes, formatCount } from '../../messages/format.ts';
import { t } from '../../messages/index.ts';
import { toast, toastError } from '../../stores/toasts.ts';
import { Button } from '../../ui/button.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { LostFile } from '../../ui/lost-file.tsx';
import { DragHandle } from '../drags/drag-handle.tsx';
import { showInFolder } from '../drags/show-in-folder.ts';
import { outPathOf } from './past-exports.ts';
import { loadingLine, readExportReport } from './report-facts.ts';

/** Labels and licences that are shown of each. */
const SHOWN = 8;

interface ReportProps {
  readonly job: Job;
  readonly result: Readonly<Record<string, unknown>>;
}

/** What was written, and that it was checked; what the report does not say is left out. */
export function Report({ job, result }: ReportProps) {
  const report = readExportReport(result);
  const path = report.outPath ?? outPathOf(job);
  const line = loadingLine(job.parameters.format, job.parameters.archive, path);
  return (
    <div className="report">
      <p className="report-checked">
        <CircleCheck size={16} aria-hidden /> {t.exports.checked}
      </p>
      {showInFolder !== null && job.state === 'completed' && (
        <div className="report-actions">
          <Button size="small" onClick={() => showInFolder?.({ kind: 'export', jobId: job.id })}>
            <FolderOpen size={14} aria-hidden /> {t.drags.showInFolder}
          </Button>
          <DragHandle request={() => ({ kind: 'export', jobId: job.id })} hasLayouts={false} />
        </div>
      )}
      <dl className="report-facts" aria-label={t.exports.report}>
        <Fact name={t.exports.path}>
          <Copyable text={path} label={t.exports.copy} />
        </Fact>
        {line !== null && (
          <Fact name={t.exports.open}>
            <Copyable text={line} label={t.exports.copyLine} isCode />
          </Fact>
        )}
        {report.images !== null && <Fact name={t.exports.images}>{formatCount(report.images)}</Fact>}
        {report.files !== null && <Fact name={t.exports.files}>{formatCount(report.files)}</Fact>}
        {report.bytes !== null && <Fact name={t.exports.bytes}>{formatBytes(report.bytes)}</Fact>}
        {report.writeMs !== null && report.checkMs !== null && (
          <Fact name={t.exports.time}>{t.exports.times(report.writeMs, report.checkMs)}</Fact>
        )}
      </dl>
      {report.leftOut.images > 0 && <LeftOutList {...report.leftOut} />}
      <div className="report-bars">
        <Counts title={t.exports.byLabel} counts={report.byLabel} nameOf={t.samples.labelName} />
        <Counts title={t.exports.byLicence} counts={report.byLicence} nameOf={t.samples.licenceName} />
      </div>
      {report.warnings.length > 0 && (
        <ul className="notice">
          {report.warnings.map((warning) => (
            <li key={warning}>{warning}</li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** The samples that are not in the export, each with its reason. */
function LeftOutList({ images, samples }: ReturnType<typeof readExportReport>['leftOut']) {
  const shown = samples.slice(0, SHOWN);
  return (
    <div className="report-left-out">
      <h3>{t.exports.leftOut(images)}</h3>
      <ul>
        {shown.map(({ sha256, name, reason }) => (
          <LostFile key={sha256} sha256={sha256} name={name} reason={reason} />
        ))}
      </ul>
      {images > shown.length && <p className="hint">{t.exports.moreLeftOut(images - shown.length)}</p>}
    </div>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd className="numeric">{children}</dd>
    </>
  );
}

interface CopyableProps {
  readonly text: string;
  readonly label: string;
  readonly isCode?: boolean;
}

function Copyable({ text, label, isCode = false }: CopyableProps) {
  const copy = () => {
    navigator.clipboard
      .writeText(text)
      .then(() => toast(t.exports.copied))
      .catch(toastError);
  };
  return (
    <span className="report-copy">
      {isCode ? <code>{text}</code> : <span>{text}</span>}
      <IconButton label={label} icon={Copy} onClick={copy} />
    </span>
  );
}

interface CountsProps {
  readonly title: string;
  readonly counts: readonly (readonly [string, number])[];
  readonly nameOf: (value: string) => string;
}

function Counts({ title, counts, nameOf }: CountsProps) {
  if (counts.length === 0) return null;
  const more = counts.length - SHOWN;
  const most = Math.max(1, counts[0]?.[1] ?? 0);
  return (
    <div>
      <h3>{title}</h3>
      <ul>
        {counts.slice(0, SHOWN).map(([value, count]) => (
          <li key={value} className="report-bar">
            <span className="truncate">{nameOf(value)}</span>
            <span className="report-track" aria-hidden>
              <span style={{ width: `${(100 * count) / most}%` }} />
            </span>
            <span className="numeric">{formatCount(count)}</span>
          </li>
        ))}
      </ul>
      {more > 0 && <p className="hint">{t.exports.more(more)}</p>}
    </div>
  );
}
