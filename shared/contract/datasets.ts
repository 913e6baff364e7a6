import { z } from 'zod';
import { SAMPLE_STATUSES } from '../vocabulary.ts';
import { id, name, nothing, procedure, referableName, sha256, timestamp } from './common.ts';
import { job } from './jobs.ts';

const statusCounts = z.object(
  Object.fromEntries(SAMPLE_STATUSES.map((status) => [status, z.int()])) as Record<
    (typeof SAMPLE_STATUSES)[number],
    z.ZodInt
  >,
);

const label = z.object({ id, name, sampleCount: z.int() });

const dataset = z.object({
  id,
  projectId: id,
  projectName: name,
  name,
  sampleCount: z.int(),
  statusCounts,
  labels: z.array(label),
  createdAt: timestamp,
  updatedAt: timestamp,
});
export type Dataset = z.infer<typeof dataset>;

/** A dataset as the library shows it. */
const datasetOverview = z.object({
  dataset,
  sizeBytes: z.int(),
  /** Up to four images: accepted ones before others, newest first. */
  cover: z.array(z.object({ sha256, dominantColour: z.int() })),
  /** When a job of it last started or ended, a sample was last decided on, or it was last changed. */
  lastActivityAt: timestamp,
});
export type DatasetOverview = z.infer<typeof datasetOverview>;

const facetCounts = z.record(z.string(), z.int());

/** Counts kept by the writer, so that reading them costs the same at any size. */
const datasetStats = z.object({
  dataset,
  sizeBytes: z.int(),
  byStatus: statusCounts,
  byLabel: facetCounts,
  byReason: facetCounts,
  byFormat: facetCounts,
  bySource: facetCounts,
  byLicence: facetCounts,
  bySplit: facetCounts,
});
export type DatasetStats = z.infer<typeof datasetStats>;

const tags = ['datasets'];

export const datasets = {
  create: procedure
    .route({
      method: 'POST',
      path: '/datasets',
      tags,
      summary: 'Makes a dataset, in the project named or in the default one.',
    })
    /** Without `projectId` the dataset goes to the project named "Default", which is made when it is missing. */
    .input(z.object({ name: referableName, projectId: id.optional(), labels: z.array(name).max(10_000).default([]) }))
    .output(dataset),
  list: procedure
    .route({
      method: 'GET',
      path: '/datasets',
      tags,
      summary: 'Every dataset, or those of one project, in the order of their names.',
    })
    .input(z.object({ projectId: id.optional() }))
    .output(z.array(dataset)),
  get: procedure
    .route({ method: 'GET', path: '/datasets/{id}', tags, summary: 'One dataset with its counts and labels.' })
    .input(z.object({ id }))
    .output(dataset),
  resolve: procedure
    .route({
      method: 'GET',
      path: '/datasets/by-name',
      tags,
      summary: 'By `name`, `project/name` or `#id`; `not-found` names the nearest datasets there are.',
    })
    .input(z.object({ name: z.string().min(1).max(210) }))
    .output(dataset),
  rename: procedure
    .route({
      method: 'PATCH',
      path: '/datasets/{id}',
      tags,
      summary: 'Gives a dataset another name. `conflict` when its project has one of this name.',
    })
    .input(z.object({ id, name: referableName }))
    .output(dataset),
  remove: procedure
    .route({
      method: 'DELETE',
      path: '/datasets/{id}',
      tags,
      summary: 'Removes the dataset; images that no other dataset holds go to the trash for a week.',
    })
    .input(z.object({ id }))
    .output(nothing),
  overview: procedure
    .route({
      method: 'GET',
      path: '/datasets/overview',
      tags,
      summary: 'One a dataset, in the order of projects and names.',
    })
    .input(z.object({ projectId: id.optional() }))
    .output(z.array(datasetOverview)),
  move: procedure
    .route({
      method: 'POST',
      path: '/datasets/{id}/move',
      tags,
      summary: 'Into another project. `conflict` when that has a dataset of this name.',
    })
    .input(z.object({ id, projectId: id }))
    .output(dataset),
  duplicate: procedure
    .route({
      method: 'POST',
      path: '/datasets/{id}/duplicate',
      tags,
      summary:
        'Starts a job that makes a second dataset with the same samples, labels and decisions; the bytes are shared.',
    })
    .input(z.object({ id, name: referableName }))
    .output(job),
  trash: procedure
    .route({
      method: 'POST',
      path: '/datasets/{id}/trash',
      tags,
      summary: 'Out of sight, with its jobs paused; removed for good after a week.',
    })
    .input(z.object({ id }))
    .output(nothing),
  restore: procedure
    .route({
      method: 'POST',
      path: '/datasets/{id}/restore',
      tags,
      summary: 'Back from the trash, under its name or one with a number when that is taken.',
    })
    .input(z.object({ id }))
    .output(dataset),
  trashed: procedure
    .route({ method: 'GET', path: '/datasets/trashed', tags, summary: 'What is in the trash, the newest first.' })
    .output(
      z.array(z.object({ id, name, projectId: id, projectName: name, sampleCount: z.int(), trashedAt: timestamp })),
    ),
  renameLabel: procedure
    .route({
      method: 'PATCH',
      path: '/datasets/{id}/labels/{labelId}',
      tags,
      summary: 'Gives a label another name, with all its samples. `conflict` when the dataset has one of this name.',
    })
    .input(z.object({ id, labelId: id, name }))
    .output(dataset),
  addLabels: procedure
    .route({
      method: 'POST',
      path: '/datasets/{id}/labels',
      tags,
      summary: 'Adds labels; those that are there already stay as they are.',
    })
    .input(z.object({ id, names: z.array(name).min(1).max(10_000) }))
    .output(dataset),
  stats: procedure
    .route({
      method: 'GET',
      path: '/datasets/{id}/stats',
      tags,
      summary: 'Counts of a dataset beside every value of every facet, and its size.',
    })
    .input(z.object({ id }))
    .output(datasetStats),
};
