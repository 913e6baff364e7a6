/**
 * Secrets beside the library, in a file that only its user can read. On the desktop they are sealed by the keychain of the
 * system; a host without one keeps them as they are, as DESIGN section 7 says.
 */

import { readFileSync } from 'node:fs';
import { AppError } from '../../shared/errors.ts';
import type { SecretName } from '../../shared/settings.ts';
import { errorCode, writeFileAtomically } from '../store/durable-file.ts';

/** The keychain of the operating system, as a desktop has it. */
export interface Keychain {
  /** @returns text that only this user on this machine can open; null where there is no keychain, or it is locked */
  encrypt(text: string): Promise<string | null>;
  /** @returns null where there is no keychain, or it is locked, or the text was sealed elsewhere */
  decrypt(text: string): Promise<string | null>;
}

/** A secret as the file has it. */
type Kept = string | { readonly sealed: string };

export class SecretStore {
  readonly #path: string;
  readonly #keychain: Keychain | undefined;
  #kept: Readonly<Record<string, Kept>>;
  /** Opened since this start. */
  readonly #opened = new Map<string, string>();

  /**
   * Reads what is kept, and opens nothing: a keychain may still be locked, and opening it may ask a person.
   * @param path of a JSON file of mode 0600, made when the first secret is kept
   * @param keychain of a desktop; undefined on other hosts
   */
  constructor(path: string, keychain?: Keychain) {
    this.#path = path;
    this.#keychain = keychain;
    this.#kept = parse(path);
  }

  /** Whether one is kept, also one that cannot be opened just now. */
  has(name: SecretName): boolean {
    return Object.hasOwn(this.#kept, name);
  }

  /** Undefined when there is none, or it cannot be opened just now: the next call tries again. */
  async get(name: SecretName): Promise<string | undefined> {
    const kept = this.#kept[name];
    if (kept === undefined || typeof kept === 'string') return kept;
    const known = this.#opened.get(name);
    if (known !== undefined) return known;
    const text = (await this.#keychain?.decrypt(kept.sealed)) ?? undefined;
    // It may have been set anew meanwhile.
    if (text !== undefined && this.#kept[name] === kept) this.#opened.set(name, text);
    return text;
  }

  /**
   * Keeps a secret; undefined forgets it.
   * @throws AppError `unavailable` on a desktop whose system has no keychain, or whose keychain is locked
   */
  async set(name: SecretName, value: string | undefined): Promise<void> {
    const { [name]: _old, ...others } = this.#kept;
    const next = value === undefined ? others : { ...others, [name]: await this.#sealed(value) };
    await writeFileAtomically(this.#path, `${JSON.stringify(next)}\n`);
    this.#kept = next;
    if (value === undefined) this.#opened.delete(name);
    else this.#opened.set(name, value);
  }

  async #sealed(value: string): Promise<Kept> {
    if (this.#keychain === undefined) return value;
    const sealed = await this.#keychain.encrypt(value);
    if (sealed === null) {
      throw new AppError(
        'unavailable',
        'The keychain of this system cannot be used, so the key was not kept. Unlock or install one (on Linux GNOME Keyring or KWallet) and start PixCrawler again, or give the key in the environment instead.',
      );
    }
    return { sealed };
  }
}

/** A file that cannot be read as one of ours holds none. */
function parse(path: string): Readonly<Record<string, Kept>> {
  try {
    const entries = Object.entries(JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>);
    return Object.fromEntries(entries.filter((entry): entry is [string, Kept] => isKept(entry[1])));
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || error instanceof SyntaxError) return {};
    throw error;
  }
}

function isKept(value: unknown): value is Kept {
  return typeof value === 'string' || typeof (value as { sealed?: unknown } | null)?.sealed === 'string';
}
