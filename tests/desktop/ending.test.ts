import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openCore } from '../../core/index.ts';
import { draw, encode } from '../web/draw.ts';
import { clientOf, eventually, homeFor, mainLog, openDesktopFor } from './life.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const PICTURES = 600;

test('quitting closes the core, gives the library back, and remembers the window', async (context) => {
  const { dataDirectory } = homeFor(context);
  const desktop = await openDesktopFor(context, { dataDirectory });
  await desktop.until(({ recorded }) => recorded.windows[0]?.window.isVisible());
  assert.deepEqual(await desktop.close(), { code: 0, signal: null });
  assert.deepEqual(
    mainLog(dataDirectory).filter(({ level }) => level !== 'info'),
    [],
  );
  assert.ok(existsSync(join(dataDirectory, 'desktop', 'window.json')));
  assert.ok(!existsSync(join(dataDirectory, 'owner.json')));
  const core = await openCore({ dataDirectory, environment: {}, version: '0.0.0' });
  await core.close();
});

test('quitting pauses what runs, and the next start goes on with it to the same end', async (context) => {
  const { folder, dataDirectory } = homeFor(context);
  const pictures = join(folder, 'pictures');
  await drawInto(pictures);
  const desktop = await openDesktopFor(context, { dataDirectory });
  const client = await clientOf(desktop);
  const dataset = await client.datasets.create({ name: 'Found' });
  const { id } = await client.imports.start({ datasetId: dataset.id, paths: [pictures] });
  await eventually(async () => (await client.jobs.get({ id })).counts.fetched > 20);
  assert.deepEqual(await desktop.close(), { code: 0, signal: null });

  const core = await openCore({ dataDirectory, environment: {}, version: '0.0.0' });
  const paused = await core.client.jobs.get({ id });
  await core.close();
  assert.equal(paused.state, 'paused');
  assert.ok(paused.counts.fetched < PICTURES, 'it was to be stopped before its end');

  const next = await openDesktopFor(context, { dataDirectory });
  const again = await clientOf(next);
  await eventually(async () => (await again.jobs.get({ id })).state === 'completed');
  const { counts } = await again.jobs.get({ id });
  assert.equal(counts.discovered, PICTURES);
  assert.equal(counts.accepted + counts.quarantined + counts.duplicates, PICTURES);
  assert.deepEqual(await next.close(), { code: 0, signal: null });
});

for (const signal of SIGNALS) {
  test(`${signal} ends it as cleanly`, async (context) => {
    const { dataDirectory } = homeFor(context);
    const desktop = await openDesktopFor(context, { dataDirectory });
    process.kill(desktop.processId, signal);
    assert.deepEqual(await desktop.exited, { code: 0, signal: null });
    assert.ok(!existsSync(join(dataDirectory, 'owner.json')));
  });
}

test('whoever sends a second signal does not want to wait', async (context) => {
  const { dataDirectory } = homeFor(context);
  const desktop = await openDesktopFor(context, { dataDirectory });
  const pid = await desktop.evaluate(({ recorded }) => recorded.utilityProcesses[0]?.pid ?? 0);
  process.kill(pid, 'SIGSTOP');
  // It would stay for ever: what is stopped does not notice that its parent has gone.
  context.after(() => process.kill(pid, 'SIGKILL'));
  process.kill(desktop.processId, 'SIGTERM');
  await new Promise((resolve) => setTimeout(resolve, 500));
  const sentAtMs = performance.now();
  process.kill(desktop.processId, 'SIGINT');
  assert.deepEqual(await desktop.exited, { code: 1, signal: null });
  assert.ok(performance.now() - sentAtMs < 5_000);
});

test('a shutdown of the system ends it as cleanly', async (context) => {
  const { dataDirectory } = homeFor(context);
  const desktop = await openDesktopFor(context, { dataDirectory });
  assert.equal(await desktop.evaluate(({ recorded }) => recorded.isShutdownDelayed), true, 'it is not waited for');
  await desktop.evaluate(({ acts }) => void setImmediate(() => acts.shutDown()));
  assert.deepEqual(await desktop.exited, { code: 0, signal: null });
  assert.ok(!existsSync(join(dataDirectory, 'owner.json')));
});

test('Windows asks whether the session may end: it may, and the program ends as cleanly meanwhile', async (context) => {
  const { dataDirectory } = homeFor(context);
  const desktop = await openDesktopFor(context, { dataDirectory, machine: { platform: 'win32' } });
  await desktop.until(({ recorded }) => recorded.windows[0]?.window.isVisible());
  assert.equal(await desktop.evaluate(({ acts }) => acts.querySessionEnd()), true);
  assert.deepEqual(await desktop.exited, { code: 0, signal: null });
  assert.ok(!existsSync(join(dataDirectory, 'owner.json')));
});

test('a session on Windows that ends at once loses nothing that was known by then', async (context) => {
  const { folder, dataDirectory } = homeFor(context);
  const desktop = await openDesktopFor(context, { dataDirectory, machine: { platform: 'win32' } });
  await desktop.until(({ recorded }) => recorded.windows[0]?.window.isVisible());
  await desktop.evaluate(async ({ recorded, acts }, chosen) => {
    const { window } = recorded.windows[0]!;
    window.setBounds({ x: 40, y: 50, width: 1000, height: 800 });
    recorded.answers.paths.push([chosen]);
    const purpose = { purpose: 'import-folder' };
    await acts.speakFrom(window.webContents.getURL(), 'invoke', 'pixcrawler:choose', purpose);
    // Electron ends the process as soon as both have been told.
    setImmediate(() => {
      acts.querySessionEnd();
      acts.endSession();
    });
  }, folder);
  assert.equal((await desktop.exited).signal, 'SIGKILL');
  const remembered = (name: string) =>
    JSON.parse(readFileSync(join(dataDirectory, 'desktop', name), 'utf8')) as unknown;
  assert.deepEqual(remembered('places.json'), { 'import-folder': folder });
  assert.equal((remembered('window.json') as { bounds: { x: number } }).bounds.x, 40);
  // Its core notices a moment later.
  await eventually(async () => {
    await (await openCore({ dataDirectory, environment: {}, version: '0.0.0' })).close();
    return true;
  });
});

test('quitting ends a core that does not listen by force, and waits no longer than it must', async (context) => {
  const { dataDirectory } = homeFor(context);
  const desktop = await openDesktopFor(context, { dataDirectory });
  const pid = await desktop.evaluate(({ recorded }) => recorded.utilityProcesses[0]?.pid ?? 0);
  process.kill(pid, 'SIGSTOP');
  const startedAt = performance.now();
  assert.deepEqual(await desktop.close(), { code: 0, signal: null });
  assert.ok(performance.now() - startedAt < 13_000);
  assert.throws(() => process.kill(pid, 0));
  assert.match(readFileSync(join(dataDirectory, 'logs', 'main.log'), 'utf8'), /did not close in time/);
});

/** Pictures that differ as files and as pictures. */
async function drawInto(folder: string): Promise<void> {
  mkdirSync(folder);
  const drawn = 20;
  for (let seed = 0; seed < drawn; seed++) {
    const { bytes } = await encode(draw(40_000 + seed, 160, 140), 'jpeg');
    for (let copy = 0; copy < PICTURES / drawn; copy++) {
      writeFileSync(join(folder, `${seed}-${copy}.jpg`), commented(bytes, `${seed}-${copy}`));
    }
  }
}

/** The same picture in other bytes: a JPEG comment behind the start of the image. */
function commented(jpeg: Buffer, text: string): Buffer {
  const segment = Buffer.alloc(4 + text.length);
  segment.writeUInt16BE(0xfffe, 0);
  segment.writeUInt16BE(2 + text.length, 2);
  segment.write(text, 4, 'latin1');
  return Buffer.concat([jpeg.subarray(0, 2), segment, jpeg.subarray(2)]);
}
