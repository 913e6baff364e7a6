import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { client } from '../../api/client.ts';
import { api } from '../../api/query.ts';
import { formatDateTime } from '../../messages/format.ts';
import { t } from '../../messages/index.ts';
import { useOffline } from '../../stores/live.ts';
import { toast, toastError } from '../../stores/toasts.ts';
import { Button } from '../../ui/button.tsx';
import { ConfirmDialog, Dialog } from '../../ui/dialog.tsx';
import { ErrorState } from '../../ui/error-state.tsx';

interface Trashed {
  readonly id: number;
  readonly name: string;
  readonly sampleCount: number;
}

/** What was deleted within a week, the way back, and the way out. */
export function TrashDialog({ onClose }: { readonly onClose: () => void }) {
  const isOffline = useOffline();
  const query = useQuery(api.datasets.trashed.queryOptions());
  const projects = useQuery(api.projects.trashed.queryOptions());
  const [asked, setAsked] = useState<Trashed | null>(null);
  const restore = useMutation({
    mutationFn: (id: number) => client.datasets.restore({ id }),
    onSuccess: ({ name }) => toast(t.datasets.restored(name)),
    onError: toastError,
  });
  const restoreProject = useMutation({
    mutationFn: (id: number) => client.projects.restore({ id }),
    onSuccess: ({ name }) => toast(t.datasets.restored(name)),
    onError: toastError,
  });
  const remove = useMutation({
    mutationFn: ({ id }: Trashed) => client.datasets.remove({ id }),
    onSuccess: (_nothing, { name }) => toast(t.datasets.removedForGood(name)),
    onError: toastError,
  });
  const isBusy = isOffline || restore.isPending || restoreProject.isPending || remove.isPending;
  const goneProjects = projects.data ?? [];
  // Those of a project that is here too come back with it.
  const datasets = query.data?.filter(({ projectId }) => goneProjects.every(({ id }) => id !== projectId));
  return (
    <Dialog title={t.datasets.trash} open onOpenChange={(open) => !open && onClose()}>
      {query.isError && <ErrorState title={t.datasets.trashFailed} error={query.error} />}
      {projects.isError && <ErrorState title={t.datasets.trashFailed} error={projects.error} />}
      {datasets !== undefined && (
        <p className="mb-2 text-ink-quiet">
          {datasets.length + goneProjects.length === 0 ? t.datasets.trashEmpty : t.datasets.trashHint}
        </p>
      )}
      {goneProjects.map((project) => (
        <div key={project.id} className="trash-row">
          <span className="min-w-0 flex-1">
            <span className="block truncate font-medium">{t.datasets.trashedProject(project.name)}</span>
            <span className="text-12 text-ink-quiet" title={formatDateTime(project.trashedAt)}>
              {t.datasets.datasets(project.datasetCount)} · {t.datasets.trashedAt(project.trashedAt)}
            </span>
          </span>
          <Button size="small" disabled={isBusy} onClick={() => restoreProject.mutate(project.id)}>
            {t.datasets.restore}
          </Button>
        </div>
      ))}
      {datasets?.map((dataset) => (
        <div key={dataset.id} className="trash-row">
          <span className="min-w-0 flex-1">
            <span className="block truncate font-medium">
              {dataset.projectName} / {dataset.name}
            </span>
            <span className="text-12 text-ink-quiet" title={formatDateTime(dataset.trashedAt)}>
              {t.datasets.images(dataset.sampleCount)} · {t.datasets.trashedAt(dataset.trashedAt)}
            </span>
          </span>
          <Button size="small" variant="ghost" disabled={isBusy} onClick={() => setAsked(dataset)}>
            {t.datasets.removeForGood}
          </Button>
          <Button size="small" disabled={isBusy} onClick={() => restore.mutate(dataset.id)}>
            {t.datasets.restore}
          </Button>
        </div>
      ))}
      {asked !== null && (
        <ConfirmDialog
          title={t.datasets.removeForGoodTitle(asked.name)}
          text={t.datasets.removeForGoodText(asked.name, asked.sampleCount)}
          action={t.datasets.removeForGoodAction}
          open
          onOpenChange={(open) => !open && setAsked(null)}
          onConfirm={() => remove.mutate(asked)}
        />
      )}
    </Dialog>
  );
}
