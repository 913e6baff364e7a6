import type { Setting } from '../../shared/contract/settings.ts';
import { AppError } from '../../shared/errors.ts';
import { expectedWords } from '../../shared/input-words.ts';
import {
  environmentVariableOf,
  SETTINGS,
  type SecretName,
  type SettingName,
  type SettingValue,
} from '../../shared/settings.ts';
import type { Database } from '../db/database.ts';
import { Repository } from '../db/repository.ts';
import type { SecretStore } from './secret-store.ts';

const NAMES = Object.keys(SETTINGS) as SettingName[];

function isSettingName(name: string): name is SettingName {
  return Object.hasOwn(SETTINGS, name);
}

function isSecret(name: SettingName): name is SecretName {
  return 'isSecret' in SETTINGS[name];
}

/** Settings as they hold now: the environment, then what was set, then the default. */
export class SettingRepository extends Repository {
  readonly #environment: Readonly<Record<string, string | undefined>>;
  readonly #secrets: SecretStore;

  constructor(
    database: Database,
    ownerId: string,
    environment: Readonly<Record<string, string | undefined>>,
    secrets: SecretStore,
  ) {
    super(database, ownerId);
    this.#environment = environment;
    this.#secrets = secrets;
  }

  /** What the environment gives. An empty variable is as none: files of variables are full of them. */
  #given(name: SettingName): string | undefined {
    return this.#environment[environmentVariableOf(name)] || undefined;
  }

  #stored(name: Exclude<SettingName, SecretName>): string | undefined {
    return this.database
      .prepare<[string, string], { value: string }>('SELECT value FROM settings WHERE owner_id = ? AND name = ?')
      .get(this.ownerId, name)?.value;
  }

  /** @throws AppError `bad-request` when the environment holds a value that does not fit */
  value<K extends Exclude<SettingName, SecretName>>(name: K): SettingValue<K> {
    return this.get(name).value as SettingValue<K>;
  }

  /** A secret in plain text, for the one place that sends it; '' when there is none, or the keychain does not open it. */
  async secret(name: SecretName): Promise<string> {
    return this.#given(name) ?? (await this.#secrets.get(name)) ?? '';
  }

  /** @throws AppError `not-found` for an unknown name, `bad-request` for an environment value that does not fit */
  get(name: string): Setting {
    if (!isSettingName(name)) {
      throw new AppError('not-found', `There is no setting "${name}". The settings are: ${NAMES.join(', ')}.`);
    }
    const definition = SETTINGS[name];
    const environmentVariable = environmentVariableOf(name);
    const fromEnvironment = this.#given(name);
    // The text of a secret is told to nobody who asks here.
    const text = isSecret(name) ? undefined : (fromEnvironment ?? this.#stored(name));
    const isSet = isSecret(name) ? this.#secrets.has(name) : text !== undefined;
    return {
      name,
      value: text === undefined ? definition.defaultValue : this.#parse(name, text, fromEnvironment !== undefined),
      defaultValue: definition.defaultValue,
      from: fromEnvironment !== undefined ? 'environment' : isSet ? 'set' : 'default',
      isSecret: isSecret(name),
      environmentVariable,
      description: definition.description,
    };
  }

  #parse(name: SettingName, text: string, isEnvironment: boolean): string | number | boolean {
    const parsed = SETTINGS[name].schema.safeParse(text);
    if (parsed.success) return parsed.data;
    const where = isEnvironment ? environmentVariableOf(name) : name;
    const [issue] = parsed.error.issues;
    const expected = issue === undefined ? 'expected another value' : expectedWords(issue);
    const got = isSecret(name) ? 'something else' : `"${text}"`;
    throw new AppError('bad-request', `${where}: ${expected}; got ${got}.`);
  }

  list(): Setting[] {
    return NAMES.map((name) => this.get(name));
  }

  /** @throws AppError `not-found`, `bad-request`, or `conflict` when the environment gives the value */
  async set(name: string, value: string): Promise<Setting> {
    const known = this.#changeable(name);
    this.#parse(known, value, false);
    if (isSecret(known)) {
      await this.#secrets.set(known, value);
      return this.get(name);
    }
    await this.database.write(() => {
      this.database
        .prepare(
          `INSERT INTO settings (owner_id, name, value) VALUES (?, ?, ?)
           ON CONFLICT (owner_id, name) DO UPDATE SET value = excluded.value`,
        )
        .run(this.ownerId, name, value);
    });
    return this.get(name);
  }

  /** Back to its default. @throws AppError `not-found`, or `conflict` when the environment gives the value */
  async unset(name: string): Promise<Setting> {
    const known = this.#changeable(name);
    if (isSecret(known)) await this.#secrets.set(known, undefined);
    else {
      await this.database.write(() => {
        this.database.prepare('DELETE FROM settings WHERE owner_id = ? AND name = ?').run(this.ownerId, name);
      });
    }
    return this.get(name);
  }

  #changeable(name: string): SettingName {
    const { from, environmentVariable } = this.get(name);
    if (from === 'environment') {
      throw new AppError(
        'conflict',
        `${name} is given by the environment variable ${environmentVariable}, which wins. Unset it first.`,
      );
    }
    return name as SettingName;
  }
}
