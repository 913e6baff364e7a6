import { Copy, Ellipsis, FolderInput, FolderOutput, Image, Pencil, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import type { DatasetOverview } from '../../../shared/contract/datasets.ts';
import type { Job } from '../../../shared/contract/jobs.ts';
import type { Project } from '../../../shared/contract/projects.ts';
import { SAMPLE_STATUSES } from '../../../shared/vocabulary.ts';
import { client } from '../../api/client.ts';
import { readDrop } from '../../api/dropped-files.ts';
import { host } from '../../api/host.ts';
import { formatCount, formatDateTime } from '../../messages/format.ts';
import { t } from '../../messages/index.ts';
import { copyOut, datasetDrag, startDrag } from '../../stores/drags.ts';
import { useInterface } from '../../stores/interface.ts';
import { useOffline } from '../../stores/live.ts';
import { toast, toastError } from '../../stores/toasts.ts';
import { IconButton } from '../../ui/icon-button.tsx';
import { Menu } from '../../ui/menu.tsx';
import { Progress } from '../../ui/progress.tsx';
import { StatusMark } from '../../ui/status-mark.tsx';
import { Thumbnail } from '../../ui/thumbnail.tsx';
import { MoveDialog, NameDialog } from './dataset-dialogs.tsx';
import { isLeft } from './drop-zone.ts';
import { renameDataset, trashDataset } from './library-steps.ts';
import { takeDrop } from './take-drop.ts';

interface DatasetCardProps {
  readonly overview: DatasetOverview;
  readonly projects: readonly Project[];
  readonly job: Job | undefined;
}

/** A dataset as the library shows it; takes what is dropped on it. */
export function DatasetCard({ overview, projects, job }: DatasetCardProps) {
  const { dataset, cover, sizeBytes, lastActivityAt } = overview;
  const [, navigate] = useLocation();
  const [isOver, setOver] = useState(false);
  const dragLayout = useInterface((state) => state.dragLayout);
  const canLeave = host.desktop !== undefined && dataset.statusCounts.accepted > 0;
  return (
    <article
      className="card"
      data-over={isOver || undefined}
      onDragStart={(event) => {
        // The link that fills the card would be dragged as an address.
        if (!canLeave) return;
        event.preventDefault();
        startDrag(datasetDrag(dataset.id, dragLayout));
      }}
      onDragOver={(event) => {
        event.preventDefault();
        event.stopPropagation();
        setOver(true);
      }}
      onDragLeave={(event) => isLeft(event) && setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        event.stopPropagation();
        setOver(false);
        void readDrop(event.dataTransfer, host.desktop?.pathOf).then(
          (dropped) => takeDrop(dataset, dropped, navigate),
          toastError,
        );
      }}
    >
      <div className="card-cover" data-count={cover.length}>
        {cover.length === 0 && <Image size={28} strokeWidth={1.5} aria-hidden />}
        {cover.map(({ sha256, dominantColour }) => (
          <Thumbnail key={sha256} sha256={sha256} dominantColour={dominantColour} alt="" />
        ))}
      </div>
      {isOver && <p className="drop-hint">{t.datasets.dropHere}</p>}
      <div className="card-body">
        <div className="card-title">
          <Link href={`/datasets/${dataset.id}/browse`} title={dataset.name}>
            {dataset.name}
          </Link>
          <DatasetMenu overview={overview} projects={projects} />
        </div>
        <div className="card-statuses">
          {dataset.sampleCount === 0 ? (
            <span className="text-ink-quiet">{t.datasets.noImages}</span>
          ) : (
            SAMPLE_STATUSES.map((status) => (
              <span key={status} title={t.datasets[status](dataset.statusCounts[status])}>
                <StatusMark status={status} />
                <span className="sr-only">{t.datasets[status](dataset.statusCounts[status])}</span>
                <span aria-hidden>{formatCount(dataset.statusCounts[status])}</span>
              </span>
            ))
          )}
        </div>
        <div className="card-facts">
          <span>{t.datasets.size(sizeBytes)}</span>
          <time dateTime={new Date(lastActivityAt).toISOString()} title={formatDateTime(lastActivityAt)}>
            {t.datasets.activity(lastActivityAt)}
          </time>
          {job !== undefined && job.state !== 'active' && <span>{t.jobs.states[job.state]}</span>}
        </div>
        {job !== undefined && (
          <Progress
            label={t.jobs.titleOf(job)}
            value={job.progress}
            thin
            tone={job.state === 'active' ? 'accent' : 'quiet'}
          />
        )}
      </div>
    </article>
  );
}

type OpenDialog = 'rename' | 'duplicate' | 'move' | null;

function DatasetMenu({ overview: { dataset }, projects }: Pick<DatasetCardProps, 'overview' | 'projects'>) {
  const [, navigate] = useLocation();
  const isOffline = useOffline();
  const dragLayout = useInterface((state) => state.dragLayout);
  const [open, setOpen] = useState<OpenDialog>(null);
  const close = () => setOpen(null);
  const duplicate = async (name: string) => {
    const job = await client.datasets.duplicate({ id: dataset.id, name });
    toast(t.datasets.duplicating(name), { label: t.datasets.show, run: () => navigate(`/jobs/${job.id}`) });
  };
  return (
    <>
      <Menu
        trigger={<IconButton label={t.datasets.actionsOf(dataset.name)} icon={Ellipsis} />}
        groups={[
          [
            { title: t.datasets.rename, icon: Pencil, isDisabled: isOffline, run: () => setOpen('rename') },
            { title: t.datasets.duplicate, icon: Copy, isDisabled: isOffline, run: () => setOpen('duplicate') },
            {
              title: t.datasets.move,
              icon: FolderInput,
              isDisabled: isOffline || projects.length < 2,
              run: () => setOpen('move'),
            },
          ],
          host.desktop === undefined
            ? []
            : [
                {
                  title: t.drags.copyTo,
                  icon: FolderOutput,
                  isDisabled: isOffline || dataset.statusCounts.accepted === 0,
                  run: () => void copyOut(datasetDrag(dataset.id, dragLayout)),
                },
              ],
          [
            {
              title: t.datasets.remove,
              icon: Trash2,
              isDanger: true,
              isDisabled: isOffline,
              run: () => void trashDataset(dataset).catch(toastError),
            },
          ],
        ]}
      />
      {open === 'rename' && (
        <NameDialog
          title={t.datasets.renameTitle(dataset.name)}
          action={t.datasets.rename}
          name={dataset.name}
          onClose={close}
          submit={(name) => renameDataset(dataset, name)}
        />
      )}
      {open === 'duplicate' && (
        <NameDialog
          title={t.datasets.duplicateTitle(dataset.name)}
          action={t.datasets.duplicateAction}
          name={t.datasets.copyName(dataset.name)}
          hint={t.datasets.duplicateHint}
          onClose={close}
          submit={duplicate}
        />
      )}
      {open === 'move' && <MoveDialog dataset={dataset} projects={projects} onClose={close} />}
    </>
  );
}
