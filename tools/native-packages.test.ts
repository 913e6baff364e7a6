import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { addNatives, missingNatives } from './native-packages.ts';

const VERSIONS = { '@img/sharp-linux-arm64': '1.2.3', '@img/sharp-libvips-linux-arm64': '4.5.6' };
/** What npm must leave alone: of the machine it runs on, and of a package that is for no other. */
const THERE = {
  'node_modules/sharp/package.json': JSON.stringify({ optionalDependencies: VERSIONS }),
  'node_modules/@img/sharp-linux-x64/package.json': '{}',
  'node_modules/@img/sharp-libvips-linux-x64/package.json': '{}',
  'node_modules/@rolldown/binding-linux-x64-gnu/package.json': '{}',
  'package.json': JSON.stringify({ name: 'program', version: '1.0.0' }),
};

async function write(root: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
}

/** Has both packages, as npm packs them; what it is asked for by names that it does not have is not found. */
async function startRegistry(context: TestContext, root: string): Promise<string> {
  const answers = new Map<string, Buffer>();
  const server = createServer(({ url = '' }, response) => {
    const answer = answers.get(decodeURIComponent(url));
    response.writeHead(answer === undefined ? 404 : 200).end(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => server.close());
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const npm = process.env.npm_execpath;
  for (const [name, version] of Object.entries(VERSIONS)) {
    const source = join(root, 'sources', name);
    const manifest = { name, version, os: ['linux'], cpu: ['arm64'] };
    await write(source, { 'package.json': JSON.stringify(manifest), 'lib/native.node': name });
    const [file, ...first] = npm ? [process.execPath, npm] : ['npm'];
    await promisify(execFile)(file as string, [...first, 'pack', source, '--pack-destination', join(root, 'sources')]);
    const packed = await readFile(join(root, 'sources', `${name.slice(1).replace('/', '-')}-${version}.tgz`));
    const integrity = `sha512-${createHash('sha512').update(packed).digest('base64')}`;
    const dist = { tarball: `${address}/${name}.tgz`, integrity };
    const metadata = { name, 'dist-tags': { latest: version }, versions: { [version]: { ...manifest, dist } } };
    answers.set(`/${name}`, Buffer.from(JSON.stringify(metadata)));
    answers.set(`/${name}.tgz`, packed);
  }
  return address;
}

async function setUp(context: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'pixcrawler-natives-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  const root = join(folder, 'program');
  await write(root, THERE);
  const environment = {
    ...process.env,
    npm_config_registry: await startRegistry(context, folder),
    npm_config_cache: join(folder, 'cache'),
    npm_config_fetch_retries: '0',
  };
  return { root, environment, wish: { root, platform: 'linux', architecture: 'arm64' } as const };
}

test('the image library of another processor comes beside that of this one', async (context) => {
  const { root, environment, wish } = await setUp(context);
  assert.deepEqual(await missingNatives({ ...wish, architecture: 'x64' }), []);
  assert.deepEqual(await missingNatives(wish), [
    '@img/sharp-linux-arm64@1.2.3',
    '@img/sharp-libvips-linux-arm64@4.5.6',
  ]);
  await addNatives(wish, environment);
  assert.deepEqual(await missingNatives(wish), []);
  for (const name of Object.keys(VERSIONS)) {
    assert.equal(await readFile(join(root, 'node_modules', name, 'lib/native.node'), 'utf8'), name);
  }
  for (const [path, text] of Object.entries(THERE)) assert.equal(await readFile(join(root, path), 'utf8'), text);
  assert.deepEqual((await readdir(join(root, 'node_modules'))).sort(), ['@img', '@rolldown', 'sharp']);
});

test('what cannot be fetched is told, and nothing is left behind', async (context) => {
  const { root, environment, wish } = await setUp(context);
  const optionalDependencies = { ...VERSIONS, '@img/sharp-linux-arm64': '9.9.9' };
  await write(root, { 'node_modules/sharp/package.json': JSON.stringify({ optionalDependencies }) });
  await assert.rejects(addNatives(wish, environment), /9\.9\.9/);
  assert.deepEqual((await readdir(join(root, 'node_modules'))).sort(), ['@img', '@rolldown', 'sharp']);
  assert.equal((await readdir(join(root, 'node_modules/@img'))).length, 2);
});
