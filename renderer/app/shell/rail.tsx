import { useQuery } from '@tanstack/react-query';
import {
  Activity,
  Folder,
  Images,
  LibraryBig,
  PanelLeftClose,
  PanelLeftOpen,
  RotateCcw,
  Settings,
  X,
} from 'lucide-react';
import { Link, useLocation } from 'wouter';
import type { Dataset } from '../../../shared/contract/datasets.ts';
import type { Job } from '../../../shared/contract/jobs.ts';
import { api } from '../../api/query.ts';
import { RunningDrags } from '../../features/drags/running-drags.tsx';
import { formatCount, formatPercent } from '../../messages/format.ts';
import { t } from '../../messages/index.ts';
import { useDrags } from '../../stores/drags.ts';
import { isUnfinished, useLive } from '../../stores/live.ts';
import { type Upload, useUploads } from '../../stores/uploads.ts';
import { IconButton } from '../../ui/icon-button.tsx';
import { Progress } from '../../ui/progress.tsx';
import { Tooltip } from '../../ui/tooltip.tsx';
import { initialsOf } from './initials.ts';
import { SourceHealth } from './source-health.tsx';

/** Jobs that show in the rail; the rest is a click away. */
const FEW_JOBS = 3;

interface RailProps {
  readonly collapsed: boolean;
  /** Left out in a drawer, which is always wide. */
  readonly onCollapse?: () => void;
}

/** Projects and datasets, what runs, and the way to everything else. */
export function Rail({ collapsed, onCollapse }: RailProps) {
  const [location] = useLocation();
  return (
    <nav className="rail" data-collapsed={collapsed || undefined} aria-label={t.shell.navigation}>
      <div className="rail-head">
        {!collapsed && <span className="flex-1">{t.shell.product}</span>}
        {onCollapse !== undefined && (
          <IconButton
            label={collapsed ? t.shell.expandRail : t.shell.collapseRail}
            icon={collapsed ? PanelLeftOpen : PanelLeftClose}
            onClick={onCollapse}
          />
        )}
      </div>
      <RailLink href="/" icon={LibraryBig} title={t.shell.library} collapsed={collapsed} current={location === '/'} />
      <div className="rail-scroll">
        <DatasetTree location={location} collapsed={collapsed} />
      </div>
      <div className="rail-foot">
        <SourceHealth collapsed={collapsed} />
        <RunningJobs collapsed={collapsed} />
      </div>
      <div className="rail-foot">
        <RailLink
          href="/jobs"
          icon={Activity}
          title={t.shell.jobs}
          collapsed={collapsed}
          current={location.startsWith('/jobs')}
        />
        <RailLink
          href="/settings"
          icon={Settings}
          title={t.shell.settings}
          collapsed={collapsed}
          current={location.startsWith('/settings')}
        />
      </div>
    </nav>
  );
}

interface RailLinkProps {
  readonly href: string;
  readonly icon: typeof Images;
  readonly title: string;
  readonly collapsed: boolean;
  readonly current: boolean;
}

function RailLink({ href, icon: Icon, title, collapsed, current }: RailLinkProps) {
  const link = (
    <Link href={href} className="rail-item" aria-current={current ? 'page' : undefined}>
      <Icon size={16} aria-hidden />
      {collapsed ? <span className="sr-only">{title}</span> : title}
    </Link>
  );
  return collapsed ? (
    <Tooltip text={title} side="right">
      {link}
    </Tooltip>
  ) : (
    link
  );
}

interface DatasetTreeProps {
  readonly location: string;
  readonly collapsed: boolean;
}

function DatasetTree({ location, collapsed }: DatasetTreeProps) {
  const { data = [] } = useQuery(api.datasets.list.queryOptions({ input: {} }));
  const projects = Map.groupBy(data, (dataset) => dataset.projectName);
  const DatasetLink = collapsed ? DatasetIcon : DatasetRow;
  return [...projects].map(([name, datasets]) => (
    <div key={name}>
      {collapsed ? (
        <RailLink href={`/?project=${datasets[0]?.projectId}`} icon={Folder} title={name} collapsed current={false} />
      ) : (
        <div className="rail-group" title={name}>
          {name}
        </div>
      )}
      {datasets.map((dataset) => (
        <DatasetLink
          key={dataset.id}
          dataset={dataset}
          isCurrent={`${location}/`.startsWith(`/datasets/${dataset.id}/`)}
        />
      ))}
    </div>
  ));
}

interface DatasetLinkProps {
  readonly dataset: Dataset;
  readonly isCurrent: boolean;
}

function DatasetRow({ dataset, isCurrent }: DatasetLinkProps) {
  return (
    <Link href={browsePath(dataset)} className="rail-item" data-current={isCurrent || undefined} title={dataset.name}>
      <Images size={14} aria-hidden className="shrink-0" />
      <span className="truncate">{dataset.name}</span>
      <span className="rail-count">{formatCount(dataset.sampleCount)}</span>
    </Link>
  );
}

/** The same where there is room for two letters. */
function DatasetIcon({ dataset, isCurrent }: DatasetLinkProps) {
  return (
    <Tooltip text={t.shell.datasetShort(dataset)} side="right">
      <Link href={browsePath(dataset)} className="rail-item" data-current={isCurrent || undefined}>
        <span className="rail-initials" aria-hidden>
          {initialsOf(dataset.name)}
        </span>
        <span className="sr-only">{dataset.name}</span>
      </Link>
    </Tooltip>
  );
}

function browsePath({ id }: Dataset): string {
  return `/datasets/${id}/browse`;
}

/** Jobs and uploads with their progress; of a collapsed rail the numbers alone. */
function RunningJobs({ collapsed }: { readonly collapsed: boolean }) {
  const jobs = useLive((state) => state.jobs);
  const uploads = useUploads((state) => state.uploads);
  const drags = useDrags((state) => state.drags);
  const running = Object.values(jobs).filter(isUnfinished);
  if (running.length + uploads.length + drags.length === 0) return null;
  return (
    <section aria-label={t.shell.runningJobs}>
      {uploads.map((upload) => (
        <RunningUpload key={upload.id} upload={upload} collapsed={collapsed} />
      ))}
      <RunningDrags drags={drags} collapsed={collapsed} />
      {running.slice(0, FEW_JOBS).map((job) => (
        <RunningJob key={job.id} job={job} collapsed={collapsed} />
      ))}
      {running.length > FEW_JOBS && (
        <Link href="/jobs" className="rail-item text-12" title={t.shell.moreJobs(running.length - FEW_JOBS)}>
          {collapsed ? t.shell.moreJobsShort(running.length - FEW_JOBS) : t.shell.moreJobs(running.length - FEW_JOBS)}
        </Link>
      )}
    </section>
  );
}

function RunningJob({ job, collapsed }: { readonly job: Job; readonly collapsed: boolean }) {
  const title = t.jobs.titleOf(job);
  return (
    <Link href={`/jobs/${job.id}`} className="rail-job" title={title}>
      <span className="flex justify-between gap-2">
        <span className={collapsed ? 'sr-only' : 'truncate'}>{title}</span>
        <span className="numeric text-ink-quiet">
          {collapsed || job.state === 'active' ? formatPercent(job.progress) : t.jobs.states[job.state]}
        </span>
      </span>
      <Progress label={title} value={job.progress} thin tone={job.state === 'active' ? 'accent' : 'quiet'} />
    </Link>
  );
}

interface RunningUploadProps {
  readonly upload: Upload;
  readonly collapsed: boolean;
}

function RunningUpload({ upload, collapsed }: RunningUploadProps) {
  const { name, sentBytes, totalBytes, failure, cancel } = upload;
  const title = failure === null ? t.shell.upload(name) : t.shell.uploadFailed(name);
  const sentPercent = totalBytes === 0 ? 0 : (100 * sentBytes) / totalBytes;
  return (
    <div className="rail-job" title={failure?.text ?? title}>
      <span className="flex min-w-0 items-center gap-2">
        <span className={collapsed ? 'sr-only' : 'min-w-0 flex-1 truncate'}>{title}</span>
        {collapsed && failure === null && <span className="numeric text-ink-quiet">{formatPercent(sentPercent)}</span>}
        {failure !== null && <IconButton label={t.shell.retryUpload(name)} icon={RotateCcw} onClick={failure.retry} />}
        {!collapsed && <IconButton label={t.shell.cancelUpload(name)} icon={X} onClick={cancel} />}
      </span>
      <Progress label={title} value={sentPercent} thin tone={failure === null ? 'accent' : 'quiet'} />
    </div>
  );
}
