/** The main journeys in Electron: run by `npm run test:electron`, which names the binary. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { WORKER_FLAGS } from '../../shared/worker-environment.ts';
import { runCli } from '../reliability/product.ts';
import { draw, encode } from '../web/draw.ts';
import { type Program, root, startProgram, temporaryFolder } from './program.ts';

const binaryPath = process.env.PIXCRAWLER_ELECTRON ?? '';
const PICTURES = 3;

let folder: string;
let dataDirectory: string;
let program: Program;
let removeFolder: () => Promise<void>;

/** A library that the command line made before. */
before(async () => {
  ({ folder, remove: removeFolder } = await temporaryFolder());
  dataDirectory = join(folder, 'library');
  const pictures = join(folder, 'pictures');
  await mkdir(pictures);
  for (let seed = 1; seed <= PICTURES; seed++) {
    await writeFile(join(pictures, `${seed}.jpg`), (await encode(draw(seed, 640, 480), 'jpeg')).bytes);
  }
  await runCli(dataDirectory, ['dataset', 'create', 'Birds']);
  await runCli(dataDirectory, ['import', 'Birds', pictures]);
  program = await startProgram(binaryPath, dataDirectory);
});

after(async () => {
  await program?.close();
  await removeFolder?.();
});

test('the page is confined, and comes from the program itself', async () => {
  const { page } = program;
  assert.match(page.url(), /^pix:\/\/app\//);
  const seen = await page.evaluate(() => ({
    node: [typeof Reflect.get(globalThis, 'require'), typeof Reflect.get(globalThis, 'process')],
    isFrozen: Object.isFrozen(Reflect.get(globalThis, 'pixcrawler')),
    opened: window.open('https://example.org/') === null,
  }));
  assert.deepEqual(seen, { node: ['undefined', 'undefined'], isFrozen: true, opened: true });
});

test('images of the library are shown through the protocol', async () => {
  const { page } = program;
  await page.getByRole('link', { name: /Birds/ }).first().click();
  await page
    .locator('.sample-tile img')
    .nth(PICTURES - 1)
    .waitFor();
  const widths = await page.locator('.sample-tile img').evaluateAll((images) =>
    Promise.all(
      (images as HTMLImageElement[]).map(async (image) => {
        await image.decode();
        return image.naturalWidth;
      }),
    ),
  );
  assert.equal(widths.length, PICTURES);
  assert.ok(widths.every((width) => width > 0));
});

test('the heap of a worker process is limited by its flags, which come as switches of Chromium', async () => {
  const entry = join(folder, 'heap.cjs');
  await writeFile(entry, "process.parentPort.postMessage(require('node:v8').getHeapStatistics().heap_size_limit)");
  const limitBytes = await program.application.evaluate(
    ({ utilityProcess }, { path, execArgv }) =>
      new Promise<number>((resolve, reject) => {
        const worker = utilityProcess.fork(path, [], { execArgv });
        worker.once('message', resolve);
        worker.once('exit', (code) => reject(new Error(`It ended with ${code} before it answered.`)));
      }),
    { path: entry, execArgv: [`--js-flags=${WORKER_FLAGS.join(' ')}`] },
  );
  const limitMib = limitBytes / 1024 ** 2;
  assert.ok(limitMib < 300, `${limitMib} MiB`);
});

test('a second start hands over to the first', async () => {
  const { application } = program;
  const words = [root, '--data-dir', dataDirectory, 'pixcrawler://dataset/1/review'];
  await promisify(execFile)(binaryPath, words, { timeout: 30_000 });
  await program.page.waitForURL(/\/datasets\/1\/review$/);
  assert.equal(await application.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length), 1);
});

test('the interface goes on when the core was killed', async () => {
  const { application, page } = program;
  const coreId = () =>
    application.evaluate(
      ({ app }) =>
        app.getAppMetrics().find(({ name, serviceName }) => [name, serviceName].includes('PixCrawler core'))?.pid,
    );
  const before = await coreId();
  assert.ok(before !== undefined);
  process.kill(before, 'SIGKILL');
  while ([undefined, before].includes(await coreId())) await new Promise((resolve) => setTimeout(resolve, 100));
  await page.getByRole('link', { name: 'Browse', exact: true }).click();
  await page
    .locator('.sample-tile img')
    .nth(PICTURES - 1)
    .waitFor();
});

test('what was done is there after the next start', async () => {
  await program.close();
  program = await startProgram(binaryPath, dataDirectory, ['pixcrawler://dataset/1/browse']);
  await program.page
    .locator('.sample-tile img')
    .nth(PICTURES - 1)
    .waitFor();
});
