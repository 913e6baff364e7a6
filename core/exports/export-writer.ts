import { basename, join, posix } from 'node:path';
import { AppError } from '../../shared/errors.ts';
import { checkExport, type ExpectedDocument } from './check-export.ts';
import {
  ATTRIBUTION_HEADER,
  attributionLines,
  Counts,
  card,
  increment,
  LEFT_OUT_HEADER,
  leftOutLines,
  manifest,
  toRecord,
} from './documents.ts';
import type { EntryWriter } from './entry-writer.ts';
import {
  type ExportPlan,
  type ExportProgress,
  type ExportReport,
  type ExportSample,
  type LeftOutSample,
  LISTED_LEFT_OUT,
  type StoredFileProblem,
} from './export-types.ts';
import { FolderWriter } from './folder-writer.ts';
import { type ExportFormat, FORMATS } from './formats.ts';
import { Layout } from './layout.ts';
import { OutputFile } from './output-file.ts';
import { expectedLine, hashFileSync } from './spool.ts';
import { findProblem } from './stored-file.ts';
import { TarWriter } from './tar-writer.ts';
import { ZipWriter } from './zip-writer.ts';

const ATTRIBUTION = 'ATTRIBUTION.csv';
const LEFT_OUT = 'LEFT-OUT.csv';
const SPOOL_BUFFER_BYTES = 256 * 1024;

export interface WriterHooks {
  /** Receives the list that the check reads. */
  readonly expectedPath: string;
  /** Asked before each image. */
  readonly isStopped: () => boolean;
  readonly onProgress: (progress: ExportProgress) => void;
}

interface SpooledDocument {
  readonly name: string;
  readonly path: string;
  readonly file: OutputFile;
  readonly hasRows: boolean;
}

/**
 * Writes one export, from samples to the checked result, synchronously. Images go straight to their place; documents
 * grow in the spool and follow at the end, since an archive needs their size first. Memory holds counts and one buffer.
 */
export class ExportWriter {
  readonly #plan: ExportPlan;
  readonly #hooks: WriterHooks;
  readonly #format: ExportFormat;
  readonly #layout: Layout;
  readonly #counts = new Counts();
  readonly #writer: EntryWriter;
  readonly #expected: OutputFile;
  readonly #documents: SpooledDocument[] = [];
  readonly #documentIndex = new Map<string, number>();
  readonly #leftOut: LeftOutSample[] = [];
  readonly #startedMs = performance.now();
  /** Images that were to be hard links and are not. */
  #unlinked = 0;

  constructor(plan: ExportPlan, hooks: WriterHooks) {
    this.#plan = plan;
    this.#hooks = hooks;
    this.#format = FORMATS[plan.format];
    this.#layout = new Layout(this.#format);
    this.#writer = newEntryWriter(plan, () => {
      this.#unlinked += 1;
    });
    this.#expected = new OutputFile(hooks.expectedPath, SPOOL_BUFFER_BYTES);
  }

  /** @param paths where the bytes of each sample are. @throws SourceProblem, see `ExportPlan.verifySources` */
  add(samples: readonly ExportSample[], paths: readonly string[]): void {
    for (const [index, sample] of samples.entries()) {
      this.#throwIfStopped();
      const path = paths[index] as string;
      const problem = this.#plan.verifySources ? findProblem(path, sample.sha256, sample.bytes) : null;
      if (problem === null) this.#addOne(sample, path);
      else this.#leaveOut(sample, problem);
      this.#hooks.onProgress({ phase: 'writing', images: this.#counts.images, bytes: this.#counts.bytes });
    }
  }

  /**
   * Completes the export, opens it again, checks it, and waits until an archive is on the disk.
   * @throws AppError `not-found` when every sample was left out, `internal` when the check finds a difference
   */
  async finish(): Promise<Omit<ExportReport, 'outPath'>> {
    this.#requireSome();
    const documents = this.#finishDocuments();
    this.#expected.finish();
    // The disk writes while the check reads what the system still holds in memory.
    const durable = this.#writer.finish();
    durable.catch(() => {});
    const writtenMs = performance.now();
    checkExport({
      path: this.#plan.partialPath,
      archive: this.#plan.archive,
      format: this.#format,
      expectedPath: this.#hooks.expectedPath,
      documents,
      counts: this.#counts,
      isVerified: this.#plan.verifySources,
      onImage: (images, bytes) => {
        this.#throwIfStopped();
        this.#hooks.onProgress({ phase: 'checking', images, bytes });
      },
    });
    await durable;
    const { images, bytes, byLabel, bySplit, byLicence, leftOut, leftOutByReason } = this.#counts;
    return {
      dataset: this.#plan.dataset.name,
      images,
      bytes,
      files: images + documents.length,
      byLabel: toRecord(byLabel),
      bySplit: toRecord(bySplit),
      byLicence: toRecord(byLicence),
      leftOut: { images: leftOut, byReason: toRecord(leftOutByReason), samples: this.#leftOut },
      warnings: this.#warnings(),
      writeMs: writtenMs - this.#startedMs,
      checkMs: performance.now() - writtenMs,
    };
  }

  /** Closes everything; what was written is of no use. */
  abandon(): void {
    this.#writer.abandon();
    this.#expected.abandon();
    for (const { file } of this.#documents) file.abandon();
  }

  #addOne(sample: ExportSample, blobPath: string): void {
    const path = this.#layout.pathOf(sample);
    const documentName = this.#format.documentOf(sample);
    const document = this.#documentAt(documentName, this.#format.header, true);
    this.#writer.add(path, blobPath, sample.bytes);
    const relative = posix.relative(posix.dirname(documentName), path);
    this.#documents[document]?.file.writeText(this.#format.row(sample, relative));
    const attribution = this.#documentAt(ATTRIBUTION, ATTRIBUTION_HEADER, false);
    this.#documents[attribution]?.file.writeText(attributionLines(sample, path));
    this.#expected.writeText(expectedLine({ document, sha256: sample.sha256, sizeBytes: sample.bytes, name: path }));
    this.#counts.add(sample);
  }

  #leaveOut(sample: ExportSample, reason: StoredFileProblem): void {
    const document = this.#documentAt(LEFT_OUT, LEFT_OUT_HEADER, false);
    this.#documents[document]?.file.writeText(leftOutLines(sample, reason));
    this.#counts.leftOut += 1;
    increment(this.#counts.leftOutByReason, reason);
    if (this.#leftOut.length === LISTED_LEFT_OUT) return;
    const { sha256, label, name, origins } = sample;
    this.#leftOut.push({ sha256, label, name, reason, from: origins[0]?.imageUrl ?? null });
  }

  #requireSome(): void {
    const { images, leftOut } = this.#counts;
    if (images > 0 || leftOut === 0) return;
    throw new AppError(
      'not-found',
      `None of the ${leftOut} images can be exported: their stored files are missing or damaged. Run the doctor ("pixcrawler doctor", or Health in the settings): it says how to get them back.`,
      { details: { leftOut: this.#leftOut } },
    );
  }

  /** The index of a document that grows, which is started at its first use. */
  #documentAt(name: string, header: string, hasRows: boolean): number {
    let index = this.#documentIndex.get(name);
    if (index === undefined) {
      index = this.#documents.length;
      const path = join(this.#plan.spoolPath, `document-${index}`);
      const file = new OutputFile(path, SPOOL_BUFFER_BYTES);
      this.#documents.push({ name, path, file, hasRows });
      this.#documentIndex.set(name, index);
      file.writeText(header);
    }
    return index;
  }

  #finishDocuments(): ExpectedDocument[] {
    // An empty dataset still has its metadata document.
    if (this.#counts.images === 0) this.#documentAt(emptyDocument(this.#format), this.#format.header, true);
    this.#documentAt(ATTRIBUTION, ATTRIBUTION_HEADER, false);
    const names = [...this.#documents.map(({ name }) => name), 'README.md', 'manifest.json'];
    this.#documentAt('README.md', card(this.#plan, this.#counts), false);
    this.#documentAt('manifest.json', manifest(this.#plan, this.#counts, this.#layout.labelFolders, names), false);
    return this.#documents.map(({ name, path, file, hasRows }) => {
      file.finish();
      const { sha256, sizeBytes } = hashFileSync(path);
      this.#writer.addSpooled(name, path, sizeBytes);
      return { name, sha256, sizeBytes, hasRows };
    });
  }

  #warnings(): string[] {
    const warnings = this.#layout.warnings();
    const withoutSplit = this.#counts.bySplit.get('') ?? 0;
    if (this.#format.name === 'imagefolder' && withoutSplit > 0 && this.#counts.bySplit.size > 1) {
      warnings.push(
        `${withoutSplit} images have no split; they are beside the split folders, where Hugging Face does not look.`,
      );
    }
    const withoutLicence = this.#counts.byLicence.get('') ?? 0;
    if (withoutLicence > 0) warnings.push(`${withoutLicence} images have no known licence.`);
    if (this.#unlinked > 0) {
      warnings.push(
        `${this.#unlinked} of ${this.#counts.images} images are copies, since they could not be hard links there. Links need the disk that holds the library.`,
      );
    }
    return warnings;
  }

  #throwIfStopped(): void {
    if (this.#hooks.isStopped()) throw new AppError('cancelled', 'The export was cancelled; nothing was left behind.');
  }
}

function newEntryWriter(
  { archive, partialPath, spoolPath, useHardLinks }: ExportPlan,
  onUnlinked: () => void,
): EntryWriter {
  switch (archive) {
    case 'none':
      return new FolderWriter(partialPath, useHardLinks ? onUnlinked : null);
    case 'tar':
      return new TarWriter(partialPath);
    case 'zip':
      return new ZipWriter(partialPath, join(spoolPath, `${basename(partialPath)}.directory`));
  }
}

function emptyDocument(format: ExportFormat): string {
  return format.name === 'imagefolder' ? 'metadata.jsonl' : `samples.${format.name}`;
}
