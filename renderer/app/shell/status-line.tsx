import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { api } from '../../api/query.ts';
import { formatPercent } from '../../messages/format.ts';
import { t } from '../../messages/index.ts';
import { useLive } from '../../stores/live.ts';
import { useStatus } from '../../stores/status.ts';
import { UpdateNotice } from './update-notice.tsx';

const LOOK_AGAIN_MS = 60_000;

/** One line: what the screen shows, why jobs rest, the job in front, the disk. */
export function StatusLine() {
  const text = useStatus((state) => state.text);
  const jobs = useLive((state) => state.jobs);
  const holds = useLive((state) => state.holds);
  const active = Object.values(jobs).find((job) => job.state === 'active');
  const { data: info } = useQuery({ ...api.library.info.queryOptions(), refetchInterval: LOOK_AGAIN_MS });
  return (
    <footer className="status-line">
      <span className="truncate">{text}</span>
      <span className="status-line-end">
        <UpdateNotice />
        {holds.length > 0 && <Link href="/jobs">{t.jobs.held(holds)}</Link>}
        {active !== undefined && (
          <span>
            {t.jobs.titleOf(active)}, {formatPercent(active.progress)}
          </span>
        )}
        {info !== undefined && <span>{t.shell.freeDisk(info.freeBytes)}</span>}
      </span>
    </footer>
  );
}
