import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import type { SourceStatus } from '../../../shared/contract/sources.ts';
import { api } from '../../api/query.ts';
import { t } from '../../messages/index.ts';
import { SourceMark } from '../../ui/source-mark.tsx';
import { Tooltip } from '../../ui/tooltip.tsx';

const LOOK_AGAIN_MS = 30_000;
const SETTINGS = '/settings/sources';

/** The search services and how they are; of a collapsed rail the marks, and the words beside the one that is looked at. */
export function SourceHealth({ collapsed }: { readonly collapsed: boolean }) {
  const { data = [] } = useQuery({ ...api.sources.list.queryOptions(), refetchInterval: LOOK_AGAIN_MS });
  if (data.length === 0) return null;
  const SourceLink = collapsed ? SourceIcon : SourceRow;
  return (
    <section aria-label={t.shell.sources}>
      {!collapsed && <div className="rail-group">{t.shell.sources}</div>}
      {data.map((status) => (
        <SourceLink key={status.source} status={status} />
      ))}
    </section>
  );
}

interface SourceLinkProps {
  readonly status: SourceStatus;
}

function SourceRow({ status }: SourceLinkProps) {
  return (
    <Link href={SETTINGS} className="rail-item" title={t.shell.sourceState(status)}>
      <SourceMark state={status.state} />
      <span className="truncate">{t.crawls.sourceKind(status.source)}</span>
      <span className="sr-only">{t.shell.sourceState(status)}</span>
    </Link>
  );
}

function SourceIcon({ status }: SourceLinkProps) {
  const text = t.shell.sourceShort(t.crawls.sourceKind(status.source), status);
  return (
    <Tooltip text={text} side="right">
      <Link href={SETTINGS} className="rail-item" aria-label={text}>
        <SourceMark state={status.state} />
      </Link>
    </Tooltip>
  );
}
