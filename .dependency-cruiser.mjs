/** The import rules of docs/architecture.md. A test proves that they bite. */

const ours = '^(shared|workers|core|cli|sdk|server|electron|renderer)/';

/** Folder `from` may not import what matches `to`. */
function forbid(name, from, to, extra = {}) {
  return { name, severity: 'error', from: { path: from, ...extra.from }, to: { path: to, ...extra.to } };
}

/** A package that only some folders may import. */
function owned(packages, folders) {
  const names = packages.join('|');
  return {
    name: `${packages[0]}-belongs-to-${folders[0]}`.replaceAll(/[^a-z-]/g, ''),
    severity: 'error',
    from: { path: ours, pathNot: [...folders.map((folder) => `^${folder}`), '\\.test\\.ts$', '/testing/'] },
    to: { path: `node_modules/(${names})(/|$)` },
  };
}

export default {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
    { name: 'no-unknown-module', severity: 'error', from: {}, to: { couldNotResolve: true } },
    forbid('shared-imports-nothing-of-ours', '^shared/', '^(workers|core|cli|tests|bench|tools)/', {
      from: { pathNot: '\\.test\\.ts$' },
    }),
    {
      name: 'shared-uses-no-node',
      severity: 'error',
      from: { path: '^shared/', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
    forbid('workers-import-shared-alone', '^workers/', '^(core|cli|tests|bench|tools)/', { from: { pathNot: '\\.test\\.ts$' } }),
    {
      name: 'workers-never-touch-the-network',
      severity: 'error',
      from: { path: '^workers/', pathNot: '\\.test\\.ts$' },
      to: { path: '^(node:)?(http|https|http2|net|tls|dgram|dns)$' },
    },
    {
      name: 'core-takes-types-of-workers',
      severity: 'error',
      from: { path: '^core/', pathNot: ['\\.test\\.ts$', '^core/workers/'] },
      to: { path: '^workers/', dependencyTypesNot: ['type-only'] },
    },
    forbid('core-has-no-host', '^core/', '^(cli|server|electron|renderer|tests|bench|tools)/', { from: { pathNot: '\\.test\\.ts$' } }),
    {
      name: 'cli-uses-the-core-entry',
      severity: 'error',
      from: { path: '^cli/', pathNot: ['\\.test\\.ts$', '/testing/'] },
      to: { path: '^core/', pathNot: '^core/index\\.ts$' },
    },
    forbid('cli-never-touches-workers', '^cli/', '^workers/'),
    forbid('tests-are-not-imported', '^(shared|workers|core|cli)/', '^tests/', { from: { pathNot: ['\\.test\\.ts$', '/testing/'] } }),
    owned(['better-sqlite3', 'pg'], ['core/db/']),
    owned(['sharp', 'piscina', '@julusian', 'bmp-ts', 'exif-reader', 'htmlparser2', 'csv-parse', 'yauzl', 'tar-stream'], ['workers/']),
    owned(['kysely', 'undici'], ['core/']),
    owned(['electron'], ['electron/']),
    owned(['fastify', 'bullmq'], ['server/']),
    owned(['react', 'react-dom'], ['renderer/']),
    owned(['commander', 'picocolors'], ['cli/']),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|wasm)/' },
    tsPreCompilationDeps: true,
    parser: 'swc',
    enhancedResolveOptions: { extensions: ['.ts', '.js', '.mjs', '.json'], conditionNames: ['import', 'node', 'default'] },
  },
};
