import { useQuery } from '@tanstack/react-query';
import { Copy, FolderOpen } from 'lucide-react';
import { api } from '../../api/query.ts';
import { formatBytes } from '../../messages/format.ts';
import { t } from '../../messages/index.ts';
import { toast, toastError } from '../../stores/toasts.ts';
import { ErrorState } from '../../ui/error-state.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { showInFolder } from '../drags/show-in-folder.ts';

/** Where images are kept, and what takes the room. */
export function StorageUse() {
  const place = useQuery(api.library.info.queryOptions());
  const content = useQuery(api.library.storage.queryOptions());
  const { data: info } = place;
  const { data: storage } = content;
  if (info === undefined || storage === undefined) {
    const failed = [place, content].find(({ isError }) => isError);
    return failed === undefined ? (
      <Skeleton heightPx={200} />
    ) : (
      <ErrorState title={t.settings.loadFailed} error={failed.error} onRetry={() => void failed.refetch()} />
    );
  }
  const own = storage.imageBytes + storage.thumbnailBytes + storage.databaseBytes;
  const other = Math.max(0, info.totalBytes - info.freeBytes - own);
  const shares = [
    {
      name: 'originals',
      title: t.settings.originals,
      bytes: storage.imageBytes,
      note: t.settings.images(storage.imageCount),
    },
    { name: 'thumbnails', title: t.settings.thumbnails, bytes: storage.thumbnailBytes, note: null },
    { name: 'database', title: t.settings.database, bytes: storage.databaseBytes, note: null },
    { name: 'other', title: t.settings.otherFiles, bytes: other, note: null },
    { name: 'free', title: t.settings.freeSpace, bytes: info.freeBytes, note: null },
  ];
  const copy = () => {
    navigator.clipboard.writeText(info.dataDirectory).then(() => toast(t.settings.copied), toastError);
  };
  return (
    <section className="part" aria-label={t.settings.disk}>
      <h2>{t.settings.dataDirectory}</h2>
      <p className="flex items-center gap-1">
        <code className="break-all">{info.dataDirectory}</code>
        <IconButton label={t.settings.copyPath} icon={Copy} onClick={copy} />
        {showInFolder !== null && (
          <IconButton
            label={t.drags.showInFolder}
            icon={FolderOpen}
            onClick={() => showInFolder?.({ kind: 'library' })}
          />
        )}
      </p>
      <p className="hint">{t.settings.dataDirectoryHint}</p>
      <div className="disk-bar" role="img" aria-label={t.settings.diskOf(info.freeBytes, info.totalBytes)}>
        {shares.map(({ name, bytes }) => (
          <span
            key={name}
            data-share={name}
            style={{ width: `${(100 * bytes) / Math.max(1, info.totalBytes)}%` }}
            className={bytes === 0 ? 'hidden' : undefined}
          />
        ))}
      </div>
      <dl className="disk-legend">
        {shares.map(({ name, title, bytes, note }) => (
          <div key={name}>
            <dt>
              <span className="disk-key" data-share={name} aria-hidden />
              {title}
            </dt>
            <dd>
              {formatBytes(bytes)}
              {note !== null && <span className="hint"> · {note}</span>}
            </dd>
          </div>
        ))}
      </dl>
      <p className="hint mt-2">
        {t.settings.version} {info.version}
      </p>
    </section>
  );
}
