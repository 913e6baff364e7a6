import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api } from '../../api/query.ts';

/** Names of a dataset's labels in the order they were made: the first nine have keys, and all have their colours by it. */
export function useLabels(datasetId: number): readonly string[] {
  const { data } = useQuery(api.datasets.get.queryOptions({ input: { id: datasetId } }));
  return useMemo(
    () => data?.labels.toSorted((left, right) => left.id - right.id).map((label) => label.name) ?? [],
    [data],
  );
}
