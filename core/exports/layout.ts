import { FORMAT_EXTENSION } from '../../shared/vocabulary.ts';
import { UniqueNames } from '../names/safe-name.ts';
import type { ExportSample } from './export-types.ts';
import type { ExportFormat } from './formats.ts';

const SHORT_NAME_LENGTH = 16;
const UNLABELLED = 'unlabelled';
/** Names at the root that no label folder may take. */
const RESERVED = ['manifest.json', 'README.md', 'ATTRIBUTION.csv', 'LEFT-OUT.csv', 'metadata.jsonl', UNLABELLED];
/** Folder names that Hugging Face takes for a split when it meets them. */
const SPLIT_WORDS = /^(?:train|training|validation|valid|val|dev|test|testing|eval|evaluation)$/i;

/**
 * Gives every image its path. A function of the samples and their order: within a label they must ascend by hash, so
 * that the only name to compare with is the one before, and memory does not grow with the images.
 */
export class Layout {
  readonly #format: ExportFormat;
  readonly #names = new UniqueNames({ fallback: 'label' });
  readonly #folders = new Map<string, string>();
  readonly #lastByFolder = new Map<string, string>();

  constructor(format: ExportFormat) {
    this.#format = format;
    for (const name of RESERVED) this.#names.take(name);
  }

  /** The folder of every label met so far. */
  get labelFolders(): ReadonlyMap<string, string> {
    return this.#folders;
  }

  /** Relative, with `/`. @throws Error when samples of one folder do not ascend by hash */
  pathOf(sample: ExportSample): string {
    const folder = this.#format.imageFolder(sample, this.#labelFolder(sample.label));
    const last = this.#lastByFolder.get(folder);
    const { sha256 } = sample;
    if (last !== undefined && last >= sha256) {
      throw new Error(
        `Expected samples sorted by label, then by hash, each once, but ${sha256} came after ${last} in "${folder}".`,
      );
    }
    this.#lastByFolder.set(folder, sha256);
    const isTaken = last?.slice(0, SHORT_NAME_LENGTH) === sha256.slice(0, SHORT_NAME_LENGTH);
    const stem = isTaken ? sha256 : sha256.slice(0, SHORT_NAME_LENGTH);
    return `${folder}/${stem}.${FORMAT_EXTENSION[sample.format]}`;
  }

  warnings(): string[] {
    const warnings: string[] = [];
    for (const [label, folder] of this.#folders) {
      if (label !== folder)
        warnings.push(
          `The label ${JSON.stringify(label)} is in the folder ${JSON.stringify(folder)}, which every system can read.`,
        );
      if (this.#format.name === 'imagefolder' && SPLIT_WORDS.test(folder)) {
        warnings.push(
          `The label folder ${JSON.stringify(folder)} is named like a split, and Hugging Face will take it for one.`,
        );
      }
    }
    return warnings;
  }

  #labelFolder(label: string | null): string {
    if (label === null) return UNLABELLED;
    let folder = this.#folders.get(label);
    if (folder === undefined) {
      folder = this.#names.take(label);
      this.#folders.set(label, folder);
    }
    return folder;
  }
}
