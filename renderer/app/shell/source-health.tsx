import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { api } from '../../api/query.ts';
import { t } from '../../messages/index.ts';
import { SourceMark } from '../../ui/source-mark.tsx';

const LOOK_AGAIN_MS = 30_000;

/** The search services and how they are. */
export function SourceHealth() {
  const { data = [] } = useQuery({ ...api.sources.list.queryOptions(), refetchInterval: LOOK_AGAIN_MS });
  if (data.length === 0) return null;
  return (
    <section aria-label={t.shell.sources}>
      <div className="rail-group">{t.shell.sources}</div>
      {data.map((status) => (
        <Link key={status.source} href="/settings/sources" className="rail-item" title={t.shell.sourceState(status)}>
          <SourceMark state={status.state} />
          <span className="truncate">{t.crawls.sourceKind(status.source)}</span>
          <span className="sr-only">{t.shell.sourceState(status)}</span>
        </Link>
      ))}
    </section>
  );
}
