import { useQuery } from '@tanstack/react-query';
import { client } from '../../api/client.ts';
import { api } from '../../api/query.ts';
import { formatDateTime } from '../../messages/format.ts';
import { t } from '../../messages/index.ts';
import { toast, toastError } from '../../stores/toasts.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';

/** What was deleted within a week, and the way back. */
export function TrashDialog({ onClose }: { readonly onClose: () => void }) {
  const { data = [] } = useQuery(api.datasets.trashed.queryOptions());
  const restore = (id: number) => {
    client.datasets.restore({ id }).then(({ name }) => toast(t.datasets.restored(name)), toastError);
  };
  return (
    <Dialog title={t.datasets.trash} open onOpenChange={(open) => !open && onClose()}>
      <p className="mb-2 text-ink-quiet">{data.length === 0 ? t.datasets.trashEmpty : t.datasets.trashHint}</p>
      {data.map((dataset) => (
        <div key={dataset.id} className="trash-row">
          <span className="min-w-0 flex-1">
            <span className="block truncate font-medium">
              {dataset.projectName} / {dataset.name}
            </span>
            <span className="text-12 text-ink-quiet" title={formatDateTime(dataset.trashedAt)}>
              {t.datasets.images(dataset.sampleCount)} · {t.datasets.trashedAt(dataset.trashedAt)}
            </span>
          </span>
          <Button size="small" onClick={() => restore(dataset.id)}>
            {t.datasets.restore}
          </Button>
        </div>
      ))}
    </Dialog>
  );
}
