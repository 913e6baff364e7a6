/** What rows share: the folder they may fill, the pictures, the web, and seeded libraries, each made when first asked for. */

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { startWebProcess, type WebProcess } from '../../tests/web/web-process.ts';
import { seedLibrary } from '../seed.ts';
import { findPictures, type Pictures } from './pictures.ts';

const SITES = 50;
const SERVED_PICTURES = 10_000_000;

export class BenchContext {
  readonly folder: string;
  readonly rounds: number;
  readonly #say: (text: string) => void;
  #pictures: Promise<Pictures> | null = null;
  #web: Promise<WebProcess> | null = null;
  readonly #libraries = new Map<number, Promise<string>>();
  #folders = 0;
  #nextPicture = 0;

  constructor(folder: string, rounds: number, say: (text: string) => void) {
    this.folder = folder;
    this.rounds = rounds;
    this.#say = say;
  }

  /** Tells whoever watches how it goes on. */
  say(text: string): void {
    this.#say(text);
  }

  /** A path below the folder that nobody has used. */
  freshPath(name: string): string {
    return join(this.folder, `${name}-${this.#folders++}`);
  }

  remove(path: string): void {
    rmSync(path, { recursive: true, force: true });
  }

  pictures(): Promise<Pictures> {
    this.#pictures ??= findPictures(this.folder);
    return this.#pictures;
  }

  /** Numbers of pictures that no side has seen yet. */
  freshNumbers(count: number): number {
    const first = this.#nextPicture;
    this.#nextPicture += count;
    return first;
  }

  /** Fifty sites, in another process, that serve the pictures under changed bytes. */
  web(): Promise<WebProcess> {
    this.#web ??= this.pictures().then(({ paths }) =>
      startWebProcess({
        sites: [],
        bulkHosts: SITES,
        bulkImages: SERVED_PICTURES,
        bulkFiles: [...paths],
        bulkLog: false,
      }),
    );
    return this.#web;
  }

  /** Addresses of pictures spread evenly over the sites. */
  async addresses(first: number, count: number): Promise<string[]> {
    const { bulk } = await this.web();
    return Array.from({ length: count }, (_, index) => `${bulk[index % bulk.length]!.origin}/i/${first + index}.jpg`);
  }

  /** The data directory of a library with one dataset of so many samples. Rows read it; what they add stays in it. */
  library(samples: number): Promise<string> {
    let library = this.#libraries.get(samples);
    if (library === undefined) {
      this.#say(`making a library of ${samples.toLocaleString('en')} samples`);
      library = seedLibrary(join(this.folder, `library-${samples}`), samples, { thumbnails: false });
      this.#libraries.set(samples, library);
    }
    return library;
  }

  async close(): Promise<void> {
    const web = this.#web;
    if (web !== null) await web.then((opened) => opened.close()).catch(() => {});
    this.remove(this.folder);
  }
}
