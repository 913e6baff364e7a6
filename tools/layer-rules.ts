/** The rules of docs/architecture.md on imports and SQL, and how they are checked. `layers.test.ts` proves that each one bites. */

import {
  cruise,
  type ICruiseOptions,
  type ICruiseResult,
  type IModule,
  type IRegularForbiddenRuleType,
} from 'dependency-cruiser';
import { checkSql, SQL_RULES, type Violation } from './sql-rules.ts';

type From = IRegularForbiddenRuleType['from'];
type To = IRegularForbiddenRuleType['to'];

const TESTS = '\\.test\\.ts$';
const TESTING = '/testing/';

/** What matches `from` may not import what matches `to`. */
function forbid(name: string, from: From, to: To): IRegularForbiddenRuleType {
  return { name, severity: 'error', from, to };
}

/** A folder, but not the tests in it. */
function within(path: string, ...except: readonly string[]): From {
  return { path, pathNot: [TESTS, ...except] };
}

/** Packages that only some folders, or files, may import; tests may, everywhere. */
function owned(packages: readonly string[], owners: readonly string[]): IRegularForbiddenRuleType {
  return forbid(
    `${packages[0]!.replaceAll(/[^a-z0-9-]+/g, '')}-belongs-to-${owners[0]!.replaceAll('/', '-')}`,
    {
      path: '^(shared|workers|core|cli|sdk|server|electron|renderer)/',
      pathNot: [...owners.map((owner) => `^${owner}(/|$)`), TESTS, TESTING],
    },
    { path: `node_modules/(${packages.join('|')})(/|$)` },
  );
}

const LAYER_RULES: readonly IRegularForbiddenRuleType[] = [
  forbid('no-cycles', {}, { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } }),
  forbid('no-unknown-module', {}, { couldNotResolve: true }),
  forbid('shared-imports-nothing-of-ours', within('^shared/'), {
    path: '^(workers|core|cli|sdk|server|electron|renderer|tests|bench|tools)/',
  }),
  forbid('shared-uses-no-node', within('^shared/'), { dependencyTypes: ['core'] }),
  forbid('shared-uses-zod-and-the-contract-alone', within('^shared/'), {
    path: 'node_modules/',
    pathNot: 'node_modules/(zod|@orpc/contract)/',
  }),
  forbid('workers-import-shared-alone', within('^workers/'), {
    path: '^(core|cli|sdk|server|electron|renderer|tests|bench|tools)/',
  }),
  // The one exception is the pipe to the core, which a worker process opens by its number.
  forbid('workers-never-touch-the-network', within('^workers/', '^workers/channel\\.ts$'), {
    path: '^(node:)?(http|https|http2|net|tls|dgram|dns|dns/promises)$',
  }),
  forbid('core-takes-types-of-workers', within('^core/'), { path: '^workers/', dependencyTypesNot: ['type-only'] }),
  forbid('core-has-no-host', within('^core/'), { path: '^(cli|sdk|server|electron|renderer|tests|bench|tools)/' }),
  forbid('cli-uses-the-core-entry', within('^cli/', TESTING), { path: '^core/', pathNot: '^core/index\\.ts$' }),
  forbid('cli-starts-the-host-in-main-alone', within('^cli/', '^cli/main\\.ts$'), { path: '^server/' }),
  forbid('cli-never-touches-workers', { path: '^cli/' }, { path: '^workers/' }),
  forbid('sdk-imports-shared-alone', within('^sdk/'), {
    path: '^(workers|core|cli|server|electron|renderer|tests|bench|tools)/',
  }),
  // A browser runs both.
  forbid('sdk-and-renderer-use-no-node', within('^(sdk|renderer)/', TESTING, '^renderer/vite\\.config\\.ts$'), {
    dependencyTypes: ['core'],
  }),
  forbid('electron-imports-shared-and-the-core-entry', within('^electron/'), {
    path: '^(workers|cli|renderer|tests|bench|tools)/|^core/(?!index\\.ts$)',
  }),
  // Main loads nothing of the core: it lives in a process of its own.
  forbid('core-runs-in-its-own-process', within('^electron/', '^electron/core-process\\.ts$'), {
    path: '^(core|server)/',
    dependencyTypesNot: ['type-only'],
  }),
  forbid('server-imports-shared-and-core', within('^server/'), {
    path: '^(workers|cli|sdk|electron|renderer|tests|bench|tools)/',
  }),
  forbid('renderer-imports-shared-and-sdk', within('^renderer/'), {
    path: '^(workers|core|cli|server|electron|tests|bench|tools)/',
  }),
  forbid('tests-are-not-imported', within('^(shared|workers|core|cli|sdk|server|electron|renderer)/', TESTING), {
    path: '^tests/',
  }),
  owned(['better-sqlite3', 'pg'], ['core/db']),
  owned(['sharp', 'piscina', '@julusian/jpeg-turbo', 'htmlparser2', 'csv-parse', 'yauzl', 'tar-stream'], ['workers']),
  owned(['kysely'], ['core']),
  // The command line asks another program's core, which may take longer to answer than a browser would wait.
  owned(['undici'], ['core', 'cli/remote.ts']),
  owned(['@orpc/server'], ['core', 'server']),
  owned(['electron', 'electron-updater'], ['electron']),
  owned(['fastify', '@fastify/.+', 'bullmq', '@orpc/openapi', '@orpc/json-schema', '@orpc/zod'], ['server']),
  owned(['@orpc/client', '@orpc/openapi-client'], ['sdk']),
  owned(
    [
      'react',
      'react-dom',
      '@tanstack/.+',
      '@orpc/tanstack-query',
      'zustand',
      'radix-ui',
      'lucide-react',
      'uplot',
      'cmdk',
      'wouter',
    ],
    ['renderer'],
  ),
  owned(['commander', 'picocolors', 'open'], ['cli']),
  // Parts of statements: whoever imports them writes SQL.
  forbid('sample-query-belongs-to-repositories', within('^(core|server|cli)/', '-repository\\.ts$', '^core/db/'), {
    path: '^core/db/sample-query\\.ts$',
  }),
];

export const RULE_NAMES: readonly string[] = [...LAYER_RULES.map(({ name }) => name as string), ...SQL_RULES];

const OPTIONS: ICruiseOptions = {
  ruleSet: { forbidden: [...LAYER_RULES] },
  validate: true,
  doNotFollow: { path: 'node_modules' },
  exclude: { path: '(^|/)(dist|wasm)/' },
  tsPreCompilationDeps: true,
  parser: 'swc',
  enhancedResolveOptions: {
    extensions: ['.ts', '.tsx', '.js', '.mjs', '.json'],
    exportsFields: ['exports'],
    conditionNames: ['import', 'node', 'style', 'default'],
  },
};

/** What was read, and what breaks a rule. */
export interface LayerReport {
  readonly modules: readonly IModule[];
  /** Statements of SQL that were found, wherever they lie. */
  readonly statements: number;
  readonly violations: readonly Violation[];
}

/** Reads the folders below `root` and holds them to the rules. */
export async function checkLayers(root: string, folders: readonly string[]): Promise<LayerReport> {
  const { output } = await cruise([...folders], { ...OPTIONS, baseDir: root });
  const { modules, summary } = output as ICruiseResult;
  const imports = summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to }));
  const sql = checkSql(root, modules);
  return { modules, statements: sql.statements, violations: [...imports, ...sql.violations] };
}
