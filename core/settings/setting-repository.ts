import type { Setting } from '../../shared/contract/settings.ts';
import { AppError } from '../../shared/errors.ts';
import { environmentVariableOf, SETTINGS, type SettingName, type SettingValue } from '../../shared/settings.ts';
import type { Database } from '../db/database.ts';
import { Repository } from '../db/repository.ts';

const NAMES = Object.keys(SETTINGS) as SettingName[];

function isSettingName(name: string): name is SettingName {
  return Object.hasOwn(SETTINGS, name);
}

/** Settings as they hold now: the environment, then what was set, then the default. */
export class SettingRepository extends Repository {
  readonly #environment: Readonly<Record<string, string | undefined>>;

  constructor(database: Database, ownerId: string, environment: Readonly<Record<string, string | undefined>>) {
    super(database, ownerId);
    this.#environment = environment;
  }

  #stored(name: SettingName): string | undefined {
    return this.database
      .prepare<[string, string], { value: string }>('SELECT value FROM settings WHERE owner_id = ? AND name = ?')
      .get(this.ownerId, name)?.value;
  }

  /** @throws AppError `bad-request` when the environment holds a value that does not fit */
  value<K extends SettingName>(name: K): SettingValue<K> {
    return this.get(name).value as SettingValue<K>;
  }

  /** @throws AppError `not-found` for an unknown name, `bad-request` for an environment value that does not fit */
  get(name: string): Setting {
    if (!isSettingName(name)) {
      throw new AppError('not-found', `There is no setting "${name}". The settings are: ${NAMES.join(', ')}.`);
    }
    const definition = SETTINGS[name];
    const environmentVariable = environmentVariableOf(name);
    const fromEnvironment = this.#environment[environmentVariable];
    const stored = fromEnvironment === undefined ? this.#stored(name) : undefined;
    const text = fromEnvironment ?? stored;
    return {
      name,
      value: text === undefined ? definition.defaultValue : this.#parse(name, text, fromEnvironment !== undefined),
      defaultValue: definition.defaultValue,
      from: fromEnvironment !== undefined ? 'environment' : stored !== undefined ? 'set' : 'default',
      environmentVariable,
      description: definition.description,
    };
  }

  #parse(name: SettingName, text: string, isEnvironment: boolean): string | number | boolean {
    const parsed = SETTINGS[name].schema.safeParse(text);
    if (parsed.success) return parsed.data;
    const where = isEnvironment ? environmentVariableOf(name) : name;
    throw new AppError('bad-request', `${where}: ${parsed.error.issues[0]?.message ?? 'does not fit'}; got "${text}".`);
  }

  list(): Setting[] {
    return NAMES.map((name) => this.get(name));
  }

  /** @throws AppError `not-found` or `bad-request` */
  async set(name: string, value: string): Promise<Setting> {
    const current = this.get(name);
    this.#parse(name as SettingName, value, false);
    if (current.from === 'environment') {
      throw new AppError(
        'conflict',
        `${name} is given by the environment variable ${current.environmentVariable}, which wins. Unset it first.`,
      );
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
}
