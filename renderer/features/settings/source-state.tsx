import { useQuery } from '@tanstack/react-query';
import type { SourceStatus } from '../../../shared/contract/sources.ts';
import { api } from '../../api/query.ts';
import { t } from '../../messages/index.ts';
import { SourceMark } from '../../ui/source-mark.tsx';

/** One line: how a search service answered the last time. */
export function SourceState({ source }: Pick<SourceStatus, 'source'>) {
  const { data } = useQuery(api.sources.list.queryOptions());
  const status = data?.find((each) => each.source === source);
  if (status === undefined) return null;
  return (
    <p className="source-state">
      <SourceMark state={status.state} />
      {t.shell.sourceState(status)}
    </p>
  );
}
