/** What a drag comes to: which samples, under which names, and the key that is the same for the same files. */

import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import type { Dataset } from '../../shared/contract/datasets.ts';
import type { DecisionTarget } from '../../shared/contract/decisions.ts';
import type { DragLayout, DragRequest } from '../../shared/contract/drags.ts';
import { AppError } from '../../shared/errors.ts';
import type { CoreServices } from '../core-services.ts';
import { ExportRepository } from '../exports/export-repository.ts';
import type { ExportContent } from '../exports/export-types.ts';
import { contentOfTexts, freezeContent } from '../exports/frozen-content.ts';
import { safeFolderName } from '../names/safe-name.ts';
import { BrowseRepository } from '../samples/browse-repository.ts';
import { DragRepository, READ_HERE } from './drag-repository.ts';

/** More images than this are dragged as one folder: neither a program nor a person takes that many apart. */
const MOST_LOOSE_FILES = 100;
/** Of the layout of staged files; to be raised when the same samples come to lie otherwise. */
const STAGING_VERSION = 1;
export const KEY_LENGTH = 32;
/** Samples whose facts are asked for at once. */
const PAGE_SIZE = 100_000;

type StagingRequest = Exclude<DragRequest, { kind: 'export' }>;

/** Files to be laid out. */
export interface StagingPlan {
  readonly key: string;
  readonly request: StagingRequest;
  readonly layout: DragLayout;
  readonly dataset: Dataset;
  /** By label and hash. */
  readonly ids: readonly number[];
  /** Of the images. */
  readonly bytes: number;
  /** The one folder or archive that is dragged; null for images that are dragged by themselves. */
  readonly topName: string | null;
}

/** Files that lie somewhere already. */
export interface LyingFiles {
  readonly key: string;
  readonly path: string;
}

/**
 * @throws AppError `not-found` for a dataset or job that is not there, or an export that was moved; `conflict` when there is
 *   nothing to drag
 */
export async function planDrag(
  services: CoreServices,
  version: string,
  request: DragRequest,
): Promise<StagingPlan | LyingFiles> {
  switch (request.kind) {
    case 'export':
      return lyingExport(services, request.jobId);
    case 'samples':
    case 'dataset':
      return planStaging(services, version, request);
  }
}

async function lyingExport({ jobs }: CoreServices, jobId: number): Promise<LyingFiles> {
  const job = jobs.get(jobId);
  const path = job.kind === 'export' && job.state === 'completed' ? job.result?.outPath : undefined;
  if (typeof path !== 'string') {
    throw new AppError('conflict', `Expected an export that has been written, but job ${jobId} is none.`);
  }
  if ((await stat(path).catch(() => null)) === null) {
    throw new AppError('not-found', `The export is no longer at ${path}: it was moved or deleted. Export again.`);
  }
  return { key: `export-${jobId}`, path };
}

async function planStaging(services: CoreServices, version: string, request: StagingRequest): Promise<StagingPlan> {
  const { database, ownerId, reader } = services;
  const { layout } = request;
  const dataset = await services.datasets.get(request.datasetId);
  const ids =
    request.kind === 'samples'
      ? await new DragRepository(database, ownerId, reader).ordered(
          dataset.id,
          await chosenIds(services, dataset.id, request.target),
        )
      : await new ExportRepository(database, ownerId, reader).ids(dataset.id, ['accepted']);
  if (ids.length === 0) {
    const what =
      request.kind === 'samples' ? 'None of these images is in the dataset' : 'There are no accepted images in';
    throw new AppError('conflict', `${what} "${dataset.name}" any more, so there is nothing to drag.`);
  }
  return {
    ...(await keyOf(services, version, request, dataset, ids)),
    request,
    layout,
    dataset,
    ids,
    topName: topNameOf(dataset, layout, request.kind === 'samples' && ids.length <= MOST_LOOSE_FILES),
  };
}

/** @returns a key that is the same for the same files, and the bytes of the images */
async function keyOf(
  { database, ownerId, reader }: CoreServices,
  version: string,
  { kind, layout }: StagingRequest,
  { id, name, labels }: Dataset,
  ids: readonly number[],
): Promise<{ key: string; bytes: number }> {
  const drags = new DragRepository(database, ownerId, reader);
  const digest = createHash('sha256');
  const labelNames = labels.map((label) => [label.id, label.name]);
  digest.update(JSON.stringify([STAGING_VERSION, version, layout, kind, id, name, labelNames]));
  let bytes = 0;
  for (let at = 0; at < ids.length; at += PAGE_SIZE) {
    const facts = await drags.facts(ids.slice(at, at + PAGE_SIZE));
    digest.update(facts.stamp);
    bytes += facts.bytes;
  }
  return { key: digest.digest('hex').slice(0, KEY_LENGTH), bytes };
}

/**
 * What is laid out for a plan, all of it of one moment: the one that its key tells of.
 * @param folderPath exists until all has been read
 * @throws AppError `conflict` when something of it was changed since; `not-found`; `cancelled`
 */
export async function planContent(
  services: CoreServices,
  version: string,
  plan: StagingPlan,
  folderPath: string,
  signal: AbortSignal,
): Promise<ExportContent> {
  const { database, ownerId, reader } = services;
  const { dataset, ids, request } = plan;
  const exported = new ExportRepository(database, ownerId, reader);
  const content =
    ids.length <= READ_HERE
      ? contentOfTexts(exported.contentHere(dataset.id, ids))
      : await freezeContent({
          databasePath: database.path,
          queries: exported.contentOf(dataset.id, ids),
          folderPath,
          signal,
        });
  const { key } = await keyOf(services, version, request, await services.datasets.get(dataset.id), ids);
  if (key === plan.key) return content;
  throw new AppError('conflict', 'Some of these images were changed while they were made ready. Drag them again.');
}

async function chosenIds(
  { database, ownerId, reader, samples }: CoreServices,
  datasetId: number,
  target: DecisionTarget,
): Promise<readonly number[]> {
  if (target.kind === 'ids') return target.ids;
  const browse = new BrowseRepository(database, ownerId, reader, samples);
  const excepted = new Set(target.exceptIds);
  const filter = { ...target.filter, datasetId };
  const ids = await browse.ids(filter, { by: 'added', direction: 'ascending' }, 0, Number.POSITIVE_INFINITY);
  return ids.filter((id) => !excepted.has(id));
}

function topNameOf({ name }: Dataset, layout: DragLayout, areLoose: boolean): string | null {
  const folder = safeFolderName(name);
  switch (layout) {
    case 'files':
      return areLoose ? null : folder;
    case 'zip':
    case 'tar':
      return `${folder}.${layout}`;
    case 'imagefolder':
    case 'csv':
    case 'jsonl':
      return folder;
  }
}
