import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const program = fileURLToPath(new URL('./main.ts', import.meta.url));
const execute = promisify(execFile);

test('the program prints its version', async () => {
  const { version } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'));
  const { stdout } = await execute(process.execPath, [program, '--version']);
  assert.equal(stdout, `${version}\n`);
});

test('the exit code is that of the command line', async () => {
  await assert.rejects(execute(process.execPath, [program, 'crowl']), { code: 2 });
});

test('an older Node is refused with one clear line', async () => {
  const older = "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.11.0' } })";
  const preload = `data:text/javascript,${encodeURIComponent(older)}`;
  await assert.rejects(execute(process.execPath, ['--import', preload, program, 'doctor']), {
    code: 1,
    stdout: '',
    stderr: /^error: PixCrawler needs Node\.js 24 or newer, but this is .+\n$/,
  });
});
