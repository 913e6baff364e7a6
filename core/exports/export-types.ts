import type { Sample } from '../../shared/contract/samples.ts';
import type { Failure, JobPhase } from '../../shared/vocabulary.ts';

/** One sample as it is exported. `bytes` must be the exact size of its blob. */
export interface ExportSample
  extends Pick<
    Sample,
    | 'sha256'
    | 'label'
    | 'split'
    | 'status'
    | 'reasons'
    | 'width'
    | 'height'
    | 'format'
    | 'bytes'
    | 'caption'
    | 'name'
    | 'origins'
  > {
  readonly tags: readonly string[];
}

/** What the card and the manifest say of the whole. */
export interface ExportDataset {
  readonly name: string;
  /** Every class of the dataset, also those without a sample, so that class lists do not depend on what was exported. */
  readonly labels: readonly string[];
}

/** What is exported, all of it as it was at one moment. */
export interface ExportContent {
  readonly dataset: ExportDataset;
  /** How many samples there are. */
  readonly images: number;
  /** Read once, in batches, sorted by label and then by hash: the same order gives the same bytes. */
  readonly samples: AsyncIterable<readonly ExportSample[]>;
}

export type ExportFormatName = 'imagefolder' | 'csv' | 'jsonl';
export type ArchiveKind = 'none' | 'zip' | 'tar';

export interface ExportProgress {
  readonly phase: Exclude<JobPhase, 'reading'>;
  readonly images: number;
  readonly bytes: number;
}

/** Why a stored file cannot be exported: it is not there, holds other bytes than it should, or cannot be read. */
export type StoredFileProblem = Extract<Failure, 'file-missing' | 'file-damaged' | 'file-unreadable'>;

/** A sample that is not in an export, and where its image may be had again. */
export interface LeftOutSample {
  readonly sha256: string;
  readonly label: string | null;
  /** What it was called where it came from. */
  readonly name: string | null;
  readonly reason: StoredFileProblem;
  /** Address or path of its first origin. */
  readonly from: string | null;
}

/** What was written, read back and found to be right. */
export interface ExportReport {
  readonly outPath: string;
  readonly dataset: string;
  readonly images: number;
  /** Of the images alone. */
  readonly bytes: number;
  /** Images and documents. */
  readonly files: number;
  /** '' stands for samples without a label, a split, or a licence. */
  readonly byLabel: Readonly<Record<string, number>>;
  readonly bySplit: Readonly<Record<string, number>>;
  /** By the licence of the first origin. */
  readonly byLicence: Readonly<Record<string, number>>;
  readonly leftOut: {
    readonly images: number;
    readonly byReason: Readonly<Partial<Record<StoredFileProblem, number>>>;
    /** The first of them, at most `LISTED_LEFT_OUT`; LEFT-OUT.csv in the export has all. */
    readonly samples: readonly LeftOutSample[];
  };
  /** Sentences for a person; the export is right all the same. */
  readonly warnings: readonly string[];
  /** From the first sample to the last byte given to the system. */
  readonly writeMs: number;
  /** Reading it back, and waiting until an archive is on the disk, which run side by side. */
  readonly checkMs: number;
}

/** Left-out samples that a report names, which goes into the database with its job. */
export const LISTED_LEFT_OUT = 200;

/** What the thread is started with. Plain data. */
export interface ExportPlan {
  readonly format: ExportFormatName;
  readonly archive: ArchiveKind;
  /** Receives the folder or the archive; does not exist yet. */
  readonly partialPath: string;
  /** Existing folder for what must be complete before it can be written. */
  readonly spoolPath: string;
  readonly dataset: ExportDataset;
  readonly productVersion: string;
  readonly useHardLinks: boolean;
  /**
   * Whether each stored file is hashed before it is written, and left out when it is not as it should be. Without, the
   * first such file ends the attempt with a `SourceProblem`: reading everything twice is only worth it once one is met.
   */
  readonly verifySources: boolean;
}
