/** What a drag comes to: which samples, under which names, and the key that is the same for the same files. */

import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import type { Dataset } from '../../shared/contract/datasets.ts';
import type { DecisionTarget } from '../../shared/contract/decisions.ts';
import type { DragLayout, DragRequest } from '../../shared/contract/drags.ts';
import { AppError } from '../../shared/errors.ts';
import type { CoreServices } from '../core-services.ts';
import { ExportRepository } from '../exports/export-repository.ts';
import { safeFolderName } from '../names/safe-name.ts';
import { BrowseRepository } from '../samples/browse-repository.ts';
import { DragRepository } from './drag-repository.ts';

/** More images than this are dragged as one folder: neither a program nor a person takes that many apart. */
const MOST_LOOSE_FILES = 100;
/** Of the layout of staged files; to be raised when the same samples come to lie otherwise. */
const STAGING_VERSION = 1;
export const KEY_LENGTH = 32;

/** Files to be laid out. */
export interface StagingPlan {
  readonly key: string;
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

async function planStaging(
  services: CoreServices,
  version: string,
  request: Exclude<DragRequest, { kind: 'export' }>,
): Promise<StagingPlan> {
  const { database, ownerId, reader } = services;
  const { layout } = request;
  const dataset = await services.datasets.get(request.datasetId);
  const drags = new DragRepository(database, ownerId, reader);
  const digest = createHash('sha256');
  digest.update(
    JSON.stringify([STAGING_VERSION, version, layout, request.kind, dataset.id, dataset.name, dataset.labels]),
  );
  const pages =
    request.kind === 'samples'
      ? [await drags.ordered(dataset.id, await chosenIds(services, dataset.id, request.target))]
      : new ExportRepository(database, ownerId, reader).streamIds(dataset, ['accepted']);
  const ids: number[] = [];
  let bytes = 0;
  for await (const page of pages) {
    const facts = await drags.facts(page);
    digest.update(facts.stamp);
    bytes += facts.bytes;
    for (const id of page) ids.push(id);
  }
  if (ids.length === 0) {
    const what =
      request.kind === 'samples' ? 'None of these images is in the dataset' : 'There are no accepted images in';
    throw new AppError('conflict', `${what} "${dataset.name}" any more, so there is nothing to drag.`);
  }
  return {
    key: digest.digest('hex').slice(0, KEY_LENGTH),
    layout,
    dataset,
    ids,
    bytes,
    topName: topNameOf(dataset, layout, request.kind === 'samples' && ids.length <= MOST_LOOSE_FILES),
  };
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
