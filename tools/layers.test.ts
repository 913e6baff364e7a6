import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { checkLayers, RULE_NAMES } from './layer-rules.ts';

const FOLDERS = ['shared', 'workers', 'core', 'cli', 'sdk', 'server', 'electron', 'renderer'];
const PACKAGES =
  'zod sharp piscina better-sqlite3 kysely undici @orpc/server @orpc/contract @orpc/client electron fastify react commander'.split(
    ' ',
  );

/** A small project with the same folders and rules. @returns each rule that was broken, with the files that broke it */
async function broken(files: Readonly<Record<string, string>>): Promise<Record<string, string[]>> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'pixcrawler-layers-')));
  const write = (path: string, content: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  };
  try {
    for (const name of PACKAGES) {
      write(`node_modules/${name}/package.json`, JSON.stringify({ name, type: 'module', exports: './index.js' }));
      write(`node_modules/${name}/index.js`, 'export default 1;');
    }
    const dependencies = Object.fromEntries(PACKAGES.map((name) => [name, '1.0.0']));
    write('package.json', JSON.stringify({ name: 'small', type: 'module', dependencies }));
    for (const [path, content] of Object.entries(files)) write(path, content);
    const { violations, modules } = await checkLayers(root, FOLDERS);
    for (const path of Object.keys(files)) {
      assert.ok(
        modules.some(({ source }) => source === path),
        `${path} was not read`,
      );
    }
    const byRule: Record<string, string[]> = {};
    for (const { rule, from } of violations) byRule[rule] = [...(byRule[rule] ?? []), from];
    return byRule;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** Breaks no rule, and comes as close to it as the project does. */
const GOOD = {
  'shared/words.ts': "import 'zod'; import '@orpc/contract'; export const word = 1; export type Word = typeof word;",
  'workers/tasks.ts': "import 'sharp'; import 'piscina'; import '../shared/words.ts'; export interface Task { a: 1 }",
  'workers/channel.ts': "import { Socket } from 'node:net'; import './tasks.ts'; export { Socket };",
  'workers/tasks.test.ts': "import 'node:http'; import '../tests/web.ts'; import 'undici';",
  'core/db/repository.ts': 'export class Repository {}',
  'core/db/sample-query.ts': "export const where = 'id IN (SELECT id FROM labels)';",
  'core/db/thumbnails.ts': 'export const sql = `CREATE TABLE IF NOT EXISTS thumbnails (id)`;',
  'core/image-repository.ts':
    "import { Repository } from './db/repository.ts'; import { where } from './db/sample-query.ts'; export class Images extends Repository { sql = 'DELETE FROM images WHERE ' + where; }",
  'core/image-repository.test.ts': "export const sql = 'SELECT 1';",
  'core/testing/rows.ts': "export const sql = 'SELECT 1';",
  'core/words.ts':
    "// SELECT * FROM images\nexport const words = 'Select images from a folder, INSERT a disk, UPDATE the rest.'; export const selectFrom = 1;",
  'core/db/database.ts': "import 'better-sqlite3'; import 'node:fs'; import 'kysely'; export const database = 1;",
  'core/index.ts':
    "import './db/database.ts'; import 'undici'; import '@orpc/server'; import type { Task } from '../workers/tasks.ts'; export type A = Task; import type { B } from './b.ts'; export const a = 1;",
  'core/b.ts': "import type { A } from './index.ts'; export type B = A; export const b = 1;",
  'cli/main.ts':
    "import '../core/index.ts'; import '../shared/words.ts'; import '../server/app.ts'; import 'commander';",
  'cli/remote.ts': "import '../sdk/client.ts'; import 'undici';",
  'sdk/client.ts': "import '../shared/words.ts'; import '@orpc/client'; export const client = 1;",
  'server/app.ts': "import '../core/db/database.ts'; import '../shared/words.ts'; import 'fastify'; import 'node:fs';",
  'electron/main.ts': "import '../shared/words.ts'; import type { A } from '../core/index.ts'; export type B = A;",
  'electron/core-process.ts': "import '../core/index.ts'; import '../server/app.ts'; import 'electron';",
  'renderer/main.tsx': "import '../sdk/client.ts'; import '../shared/words.ts'; import 'react'; import './view.css';",
  'renderer/view.css': '',
  'renderer/vite.config.ts': "import 'node:path';",
  'cli/testing/fake-core.ts': "import '../../core/b.ts'; import '@orpc/server';",
  'tests/web.ts': 'export const web = 1;',
};

/** A file for each form of a statement. */
const STATEMENTS = {
  'core/read.ts': "export const sql = 'SELECT 1';",
  'core/insert.ts': `export const sql = \`\\nINSERT OR IGNORE INTO \${'a'}_b (id) VALUES (?)\`;`,
  'core/update.ts': `export const sql = \`UPDATE samples\n SET \${'split'} = ?\`;`,
  'core/remove.ts': "export const run = (prepare: (sql: string) => void) => prepare('DELETE FROM images');",
  'core/define.ts': 'export const sql = `CREATE UNIQUE INDEX one ON images (id)`;',
  'server/build.ts': "export const rows = (query: any) => query.selectFrom('images').execute();",
  'renderer/nested.tsx': `export const Nested = () => <p title={\`a \${'SELECT 1 FROM images'}\`} />;`,
};

/** Files for each rule, every one of which breaks it. */
const BAD: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'no-cycles': {
    'core/egg.ts': "import { hen } from './hen.ts'; export const egg = hen;",
    'core/hen.ts': "import { egg } from './egg.ts'; export const hen = egg;",
  },
  'no-unknown-module': { 'core/lost.ts': "import './nowhere.ts';" },
  'shared-imports-nothing-of-ours': {
    'shared/own.ts': "import type { A } from '../core/index.ts'; export type B = A;",
  },
  'shared-uses-no-node': { 'shared/node.ts': "import 'node:fs';" },
  'shared-uses-zod-and-the-contract-alone': { 'shared/extra.ts': "import 'commander';" },
  'workers-import-shared-alone': { 'workers/up.ts': "import '../core/b.ts';" },
  'workers-never-touch-the-network': { 'workers/net.ts': "import 'node:https';" },
  'core-takes-types-of-workers': { 'core/down.ts': "import '../workers/tasks.ts';" },
  'core-has-no-host': { 'core/up.ts': "import '../cli/main.ts';" },
  'cli-uses-the-core-entry': { 'cli/deep.ts': "import '../core/b.ts';" },
  'cli-starts-the-host-in-main-alone': { 'cli/host.ts': "import '../server/app.ts';" },
  'sdk-imports-shared-alone': { 'sdk/up.ts': "import '../core/b.ts';" },
  'sdk-and-renderer-use-no-node': { 'sdk/node.ts': "import 'node:fs';" },
  'electron-imports-shared-and-the-core-entry': {
    'electron/deep.ts': "import type { B } from '../core/b.ts'; export type C = B;",
  },
  'core-runs-in-its-own-process': { 'electron/window.ts': "import '../core/index.ts';" },
  'server-imports-shared-and-core': { 'server/loop.ts': "import '../sdk/client.ts';" },
  'renderer-imports-shared-and-sdk': { 'renderer/deep.ts': "import '../core/b.ts';" },
  'cli-never-touches-workers': {
    'cli/skip.ts': "import type { Task } from '../workers/tasks.ts'; export type T = Task;",
  },
  'tests-are-not-imported': { 'cli/test.ts': "import '../tests/web.ts';" },
  'better-sqlite3-belongs-to-core-db': { 'core/sql.ts': "import 'better-sqlite3';" },
  'sharp-belongs-to-workers': { 'core/pixels.ts': "import 'sharp';" },
  'kysely-belongs-to-core': { 'cli/query.ts': "import 'kysely';" },
  'undici-belongs-to-core': { 'cli/fetch.ts': "import 'undici';" },
  'orpcclient-belongs-to-sdk': { 'renderer/link.ts': "import '@orpc/client';" },
  'orpcserver-belongs-to-core': { 'cli/serve.ts': "import '@orpc/server';" },
  'electron-belongs-to-electron': { 'core/window.ts': "import 'electron';" },
  'fastify-belongs-to-server': { 'core/http.ts': "import 'fastify';" },
  'react-belongs-to-renderer': { 'core/view.ts': "import 'react';" },
  'commander-belongs-to-cli': { 'core/flags.ts': "import 'commander';" },
  'sample-query-belongs-to-repositories': { 'core/conditions.ts': "import './db/sample-query.ts';" },
  'sql-belongs-to-repositories': STATEMENTS,
  'repositories-share-one-base': { 'core/lone-repository.ts': "export const sql = 'SELECT 1';" },
};

test('a tree that keeps the rules passes', async () => {
  assert.deepEqual(await broken(GOOD), {});
});

test('every rule reports the file that breaks it', async () => {
  assert.deepEqual(Object.keys(BAD).sort(), [...RULE_NAMES].sort(), 'one bad tree for every rule');
  const byRule = await broken(Object.assign({}, GOOD, ...Object.values(BAD)));
  for (const [rule, files] of Object.entries(BAD)) {
    const from = byRule[rule] ?? [];
    const breaking = Object.keys(files).filter((file) => from.includes(file));
    // A circle is told of one of its files.
    const expected = rule === 'no-cycles' ? 1 : Object.keys(files).length;
    assert.equal(breaking.length, expected, `${rule} said ${JSON.stringify(from)}`);
  }
});
