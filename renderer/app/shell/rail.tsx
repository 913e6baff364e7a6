import { useQuery } from '@tanstack/react-query';
import { Activity, Images, LibraryBig, PanelLeftClose, PanelLeftOpen, RotateCcw, Settings, X } from 'lucide-react';
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
      <div className="rail-scroll">{!collapsed && <DatasetTree location={location} />}</div>
      <div className="rail-foot">
        {!collapsed && <SourceHealth />}
        {!collapsed && <RunningJobs />}
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
  return (
    <Link
      href={href}
      className="rail-item"
      aria-current={current ? 'page' : undefined}
      title={collapsed ? title : undefined}
    >
      <Icon size={16} aria-hidden />
      {collapsed ? <span className="sr-only">{title}</span> : title}
    </Link>
  );
}

function DatasetTree({ location }: { readonly location: string }) {
  const { data = [] } = useQuery(api.datasets.list.queryOptions({ input: {} }));
  const projects = Map.groupBy(data, (dataset) => dataset.projectName);
  return [...projects].map(([name, datasets]) => (
    <div key={name}>
      <div className="rail-group" title={name}>
        {name}
      </div>
      {datasets.map((dataset) => (
        <DatasetLink key={dataset.id} dataset={dataset} location={location} />
      ))}
    </div>
  ));
}

function DatasetLink({ dataset, location }: { readonly dataset: Dataset; readonly location: string }) {
  const href = `/datasets/${dataset.id}`;
  const isCurrent = location === href || location.startsWith(`${href}/`);
  return (
    <Link href={`${href}/browse`} className="rail-item" data-current={isCurrent || undefined} title={dataset.name}>
      <Images size={14} aria-hidden className="shrink-0" />
      <span className="truncate">{dataset.name}</span>
      <span className="rail-count">{formatCount(dataset.sampleCount)}</span>
    </Link>
  );
}

function RunningJobs() {
  const jobs = useLive((state) => state.jobs);
  const uploads = useUploads((state) => state.uploads);
  const drags = useDrags((state) => state.drags);
  const running = Object.values(jobs).filter(isUnfinished);
  if (running.length + uploads.length + drags.length === 0) return null;
  return (
    <section aria-label={t.shell.runningJobs}>
      {uploads.map((upload) => (
        <RunningUpload key={upload.id} upload={upload} />
      ))}
      <RunningDrags drags={drags} />
      {running.slice(0, FEW_JOBS).map((job) => (
        <RunningJob key={job.id} job={job} />
      ))}
      {running.length > FEW_JOBS && (
        <Link href="/jobs" className="rail-item text-12">
          {t.shell.moreJobs(running.length - FEW_JOBS)}
        </Link>
      )}
    </section>
  );
}

function RunningJob({ job }: { readonly job: Job }) {
  const title = t.jobs.titleOf(job);
  return (
    <Link href={`/jobs/${job.id}`} className="rail-job">
      <span className="flex justify-between gap-2">
        <span className="truncate">{title}</span>
        <span className="numeric text-ink-quiet">
          {job.state === 'active' ? formatPercent(job.progress) : t.jobs.states[job.state]}
        </span>
      </span>
      <Progress label={title} value={job.progress} thin tone={job.state === 'active' ? 'accent' : 'quiet'} />
    </Link>
  );
}

function RunningUpload({ upload: { name, sentBytes, totalBytes, failure, cancel } }: { readonly upload: Upload }) {
  const title = failure === null ? t.shell.upload(name) : t.shell.uploadFailed(name);
  return (
    <div className="rail-job">
      <span className="flex min-w-0 items-center gap-2">
        <span className="min-w-0 flex-1 truncate" title={failure?.text ?? title}>
          {title}
        </span>
        {failure !== null && <IconButton label={t.shell.retryUpload(name)} icon={RotateCcw} onClick={failure.retry} />}
        <IconButton label={t.shell.cancelUpload(name)} icon={X} onClick={cancel} />
      </span>
      <Progress
        label={title}
        value={totalBytes === 0 ? 0 : (100 * sentBytes) / totalBytes}
        thin
        tone={failure === null ? 'accent' : 'quiet'}
      />
    </div>
  );
}
