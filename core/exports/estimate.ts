/** What an export would write, and whether it could start. */

import { access, constants, stat } from 'node:fs/promises';
import { dirname, isAbsolute } from 'node:path';
import type { ExportInput } from '../../shared/contract/exports.ts';
import { AppError } from '../../shared/errors.ts';
import type { CoreServices } from '../core-services.ts';
import { freeBytes } from '../store/disk.ts';
import { ExportRepository } from './export-repository.ts';
import { checkTarget } from './export-target.ts';

/** A line of a document for each image, and the heads of an archive. */
const BYTES_BESIDE_AN_IMAGE = 1_200;

export async function estimateExport(
  services: CoreServices,
  input: ExportInput,
): Promise<{ images: number; bytes: number; freeBytes: number | null; problem: string | null }> {
  const exported = new ExportRepository(services.database, services.ownerId, services.reader);
  const size = await exported.size(input.datasetId, input.statuses);
  const { images } = size;
  const place = isAbsolute(input.outPath) ? await placeOf(services, input) : relativeProblem(input.outPath);
  const isLinked = input.hardLinks && place.isOnDiskOfLibrary;
  const bytes = (isLinked ? 0 : size.bytes) + images * BYTES_BESIDE_AN_IMAGE;
  return { images, bytes, freeBytes: place.freeBytes, problem: problemOf(images, bytes, place, input) };
}

interface Place {
  /** Whether files of the library can be linked to from there. */
  readonly isOnDiskOfLibrary: boolean;
  readonly freeBytes: number | null;
  readonly problem: string | null;
}

function relativeProblem(outPath: string): Place {
  return {
    isOnDiskOfLibrary: false,
    freeBytes: null,
    problem: `Expected an absolute path to write to, got "${outPath}".`,
  };
}

async function placeOf(services: CoreServices, { outPath, archive }: ExportInput): Promise<Place> {
  const parent = await nearestFolder(dirname(outPath));
  const free = await freeBytes(parent).catch(() => null);
  const [there, library] = await Promise.all([parent, services.directory.root].map((path) => stat(path)));
  const facts = { isOnDiskOfLibrary: there?.dev === library?.dev, freeBytes: free };
  try {
    await access(parent, constants.W_OK);
  } catch {
    return { ...facts, problem: `The folder ${parent} cannot be written. Choose another.` };
  }
  try {
    await checkTarget({ outPath, archive, dataDirectory: services.directory.root });
    return { ...facts, problem: null };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { ...facts, problem: error.message };
  }
}

/** The folder, or the nearest one above it that exists. */
async function nearestFolder(path: string): Promise<string> {
  const isFolder = await stat(path).then(
    (info) => info.isDirectory(),
    () => false,
  );
  const parent = dirname(path);
  return isFolder || parent === path ? path : nearestFolder(parent);
}

function problemOf(images: number, bytes: number, place: Place, { statuses }: ExportInput): string | null {
  if (images === 0) return `There are no ${statuses.join(' or ')} images, so there is nothing to export.`;
  if (place.problem !== null) return place.problem;
  if (place.freeBytes !== null && place.freeBytes < bytes) return 'There is not enough free space in that place.';
  return null;
}
