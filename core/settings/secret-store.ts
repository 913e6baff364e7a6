/** Secrets of a machine without a keychain: one small file that only its user can read. */

import { readFileSync } from 'node:fs';
import type { SecretName } from '../../shared/settings.ts';
import { errorCode, writeFileAtomically } from '../store/durable-file.ts';

export class SecretStore {
  readonly #path: string;
  #secrets: Readonly<Record<string, string>> | null = null;

  /** @param path of a JSON file of mode 0600, made when the first secret is kept */
  constructor(path: string) {
    this.#path = path;
  }

  /** Undefined when there is none. A file that cannot be read holds none. */
  get(name: SecretName): string | undefined {
    return this.#read()[name];
  }

  /** Keeps a secret; undefined forgets it. */
  async set(name: SecretName, value: string | undefined): Promise<void> {
    const { [name]: _old, ...others } = this.#read();
    const next = value === undefined ? others : { ...others, [name]: value };
    await writeFileAtomically(this.#path, `${JSON.stringify(next)}\n`);
    this.#secrets = next;
  }

  #read(): Readonly<Record<string, string>> {
    this.#secrets ??= parse(this.#path);
    return this.#secrets;
  }
}

function parse(path: string): Readonly<Record<string, string>> {
  try {
    const entries = Object.entries(JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>);
    return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || error instanceof SyntaxError) return {};
    throw error;
  }
}
