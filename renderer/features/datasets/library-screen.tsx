import './datasets.css';
import { useQuery } from '@tanstack/react-query';
import { Ellipsis, FolderPlus, LibraryBig, Pencil, Plus, Trash2 } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useLocation, useSearchParams } from 'wouter';
import type { Job } from '../../../shared/contract/jobs.ts';
import type { Project } from '../../../shared/contract/projects.ts';
import { client } from '../../api/client.ts';
import { type Dropped, readDrop } from '../../api/dropped-files.ts';
import { host } from '../../api/host.ts';
import { api } from '../../api/query.ts';
import { Screen } from '../../app/screen.tsx';
import { useCommands } from '../../keyboard/commands.ts';
import { t } from '../../messages/index.ts';
import { useInterface } from '../../stores/interface.ts';
import { isUnfinished, useLive, useOffline } from '../../stores/live.ts';
import { useStatusText } from '../../stores/status.ts';
import { toast, toastError } from '../../stores/toasts.ts';
import { useUndoableTexts } from '../../stores/undoable.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorState } from '../../ui/error-state.tsx';
import { GhostTiles } from '../../ui/ghost-tiles.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { loadedLater } from '../../ui/loaded-later.tsx';
import { Menu } from '../../ui/menu.tsx';
import { Select } from '../../ui/select.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { TextInput } from '../../ui/text-input.tsx';
import { createNumbered } from './create-numbered.ts';
import { DatasetCard } from './dataset-card.tsx';
import { NameDialog, NewDatasetDialog } from './dataset-dialogs.tsx';
import { isLeft } from './drop-zone.ts';
import { type LibraryGroup, libraryGroups } from './library-groups.ts';
import { redoStep, renameProject, trashProject, undoStep, useNextSteps } from './library-steps.ts';
import { folderOf, takeDrop } from './take-drop.ts';
import { TrashDialog } from './trash-dialog.tsx';

const Onboarding = loadedLater(() => import('../onboarding/onboarding.tsx'), { isOptional: true });

/** With fewer datasets nobody looks for one by name. */
const MANY = 8;

type OpenDialog = 'dataset' | 'project' | 'trash' | null;

/** Projects and datasets: where everything begins. */
export default function LibraryScreen() {
  const [, navigate] = useLocation();
  const [parameters, setParameters] = useSearchParams();
  const projectId = parameters.has('project') ? Number(parameters.get('project')) : null;
  const name = parameters.get('name') ?? '';
  const projects = useQuery(api.projects.list.queryOptions());
  const overview = useQuery(api.datasets.overview.queryOptions({ input: {} }));
  const onboarded = useInterface((state) => state.onboarded);
  const [open, setOpen] = useState<OpenDialog>(null);
  const [isOver, setOver] = useState(false);
  const isOffline = useOffline();
  const groups = useMemo(
    () => libraryGroups(projects.data ?? [], overview.data ?? [], { projectId, name }),
    [projects.data, overview.data, projectId, name],
  );
  const images = overview.data?.reduce((sum, { dataset }) => sum + dataset.sampleCount, 0) ?? 0;
  useStatusText(overview.data === undefined ? '' : t.datasets.images(images));
  const next = useNextSteps();
  useUndoableTexts(next.undo?.title ?? null, next.redo?.title ?? null);
  useCommands('library', [
    { id: 'datasets.new', isEnabled: !isOffline, run: () => setOpen('dataset') },
    { id: 'datasets.project', title: t.datasets.newProject, isEnabled: !isOffline, run: () => setOpen('project') },
    { id: 'datasets.trash', title: t.datasets.trash, run: () => setOpen('trash') },
    { id: 'app.undo', title: t.datasets.undo, isEnabled: !isOffline, run: () => void undoStep() },
    { id: 'app.redo', isEnabled: !isOffline, run: () => void redoStep() },
  ]);

  const narrow = (key: 'project' | 'name', value: string) => {
    setParameters(
      (before) => {
        if (value === '') before.delete(key);
        else before.set(key, value);
        return before;
      },
      { replace: key === 'name' },
    );
  };
  const takeAsNew = async (dropped: Dropped) => {
    if (dropped.files.length + dropped.links.length === 0) {
      toast(t.datasets.nothingDropped);
      return;
    }
    const dataset = await createNumbered(folderOf(dropped) ?? t.datasets.droppedName, projectId);
    navigate(`/datasets/${dataset.id}/collect`);
    await takeDrop(dataset, dropped, navigate);
  };
  const isEmpty = overview.data?.length === 0;
  // What was read before stays readable while the host is away.
  const isFailed =
    (overview.isError && overview.data === undefined) || (projects.isError && projects.data === undefined);

  return (
    <Screen
      title={t.shell.library}
      actions={
        <>
          <IconButton label={t.datasets.trash} icon={Trash2} onClick={() => setOpen('trash')} />
          <Button disabled={isOffline} onClick={() => setOpen('project')}>
            <FolderPlus size={14} aria-hidden /> {t.datasets.newProject}
          </Button>
          <Button variant="primary" disabled={isOffline} onClick={() => setOpen('dataset')}>
            <Plus size={14} aria-hidden /> {t.datasets.newDataset}
          </Button>
        </>
      }
    >
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping has its like in Collect, which works by keyboard */}
      <div
        className="drop-zone"
        data-over={isOver || undefined}
        onDragOver={(event) => event.preventDefault()}
        // A card says itself what it takes, and lets nothing of it come here.
        onDragOverCapture={({ target }) => setOver(!(target instanceof Element && target.closest('.card') !== null))}
        onDragLeave={(event) => isLeft(event) && setOver(false)}
        onDropCapture={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          void readDrop(event.dataTransfer, host.desktop?.pathOf).then(takeAsNew).catch(toastError);
        }}
      >
        {isOver && <p className="drop-hint drop-hint-screen">{t.datasets.dropNew}</p>}
        {isFailed && (
          <ErrorState
            title={t.datasets.loadFailed}
            error={overview.error ?? projects.error}
            onRetry={() => void Promise.all([overview.refetch(), projects.refetch()])}
          />
        )}
        {isEmpty && !isFailed && (
          <div className="library-empty">
            <GhostTiles count={3} />
            <EmptyState icon={LibraryBig} title={t.datasets.emptyTitle} text={t.datasets.emptyText}>
              <Button variant="primary" disabled={isOffline} onClick={() => setOpen('dataset')}>
                {t.datasets.newDataset}
              </Button>
            </EmptyState>
          </div>
        )}
        {!isEmpty && !isFailed && (
          <div className="page">
            {overview.data === undefined ? (
              <div className="cards">
                {[1, 2, 3].map((each) => (
                  <Skeleton key={each} heightPx={240} />
                ))}
              </div>
            ) : (
              <>
                {((projects.data?.length ?? 0) > 1 || overview.data.length > MANY) && (
                  <div className="library-bar">
                    <TextInput
                      className="max-w-64"
                      type="search"
                      aria-label={t.datasets.filter}
                      placeholder={t.datasets.filter}
                      value={name}
                      onValueChange={(value) => narrow('name', value)}
                    />
                    <Select
                      className="max-w-56"
                      aria-label={t.datasets.project}
                      value={projectId === null ? '' : String(projectId)}
                      onValueChange={(value) => narrow('project', value)}
                      options={[
                        { value: '', label: t.datasets.allProjects },
                        ...(projects.data ?? []).map((project) => ({ value: String(project.id), label: project.name })),
                      ]}
                    />
                  </div>
                )}
                {groups.length === 0 && <p className="text-ink-quiet">{t.datasets.nothingFound}</p>}
                {groups.map((group) => (
                  <ProjectSection key={group.project.id} group={group} projects={projects.data ?? []} />
                ))}
              </>
            )}
          </div>
        )}
      </div>
      {open === 'dataset' && (
        <NewDatasetDialog
          projects={projects.data ?? []}
          projectId={projectId}
          onClose={() => setOpen(null)}
          onCreated={(dataset) => navigate(`/datasets/${dataset.id}/collect`)}
        />
      )}
      {open === 'project' && (
        <NameDialog
          title={t.datasets.newProject}
          action={t.datasets.create}
          name=""
          onClose={() => setOpen(null)}
          submit={(projectName) => client.projects.create({ name: projectName })}
        />
      )}
      {open === 'trash' && <TrashDialog onClose={() => setOpen(null)} />}
      {!onboarded && (isEmpty || parameters.has('welcome')) && open === null && (
        <Onboarding onStart={() => setOpen('dataset')} />
      )}
    </Screen>
  );
}

interface ProjectSectionProps {
  readonly group: LibraryGroup;
  readonly projects: readonly Project[];
}

function ProjectSection({ group: { project, datasets }, projects }: ProjectSectionProps) {
  const jobs = useLive((state) => state.jobs);
  const isOffline = useOffline();
  const [isRenaming, setRenaming] = useState(false);
  const jobOf = (datasetId: number): Job | undefined =>
    Object.values(jobs).find((job) => job.datasetId === datasetId && isUnfinished(job));
  return (
    <section className="project" aria-labelledby={`project-${project.id}`}>
      <div className="project-head">
        <h2 id={`project-${project.id}`}>{project.name}</h2>
        <Menu
          align="start"
          trigger={<IconButton label={t.datasets.actionsOf(project.name)} icon={Ellipsis} />}
          groups={[
            [{ title: t.datasets.renameProject, icon: Pencil, isDisabled: isOffline, run: () => setRenaming(true) }],
            [
              {
                title: t.datasets.removeProject,
                icon: Trash2,
                isDanger: true,
                isDisabled: isOffline,
                run: () => void trashProject(project).catch(toastError),
              },
            ],
          ]}
        />
      </div>
      {datasets.length === 0 && <p className="text-ink-quiet">{t.datasets.projectEmpty}</p>}
      <div className="cards">
        {datasets.map((overview) => (
          <DatasetCard
            key={overview.dataset.id}
            overview={overview}
            projects={projects}
            job={jobOf(overview.dataset.id)}
          />
        ))}
      </div>
      {isRenaming && (
        <NameDialog
          title={t.datasets.renameTitle(project.name)}
          action={t.datasets.rename}
          name={project.name}
          onClose={() => setRenaming(false)}
          submit={(name) => renameProject(project, name)}
        />
      )}
    </section>
  );
}
