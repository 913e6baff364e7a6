import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { createSignatureCheck, type ProgramRun } from './update-signature.ts';

const FILE = String.raw`C:\Users\Zoë\AppData\Local\pixcrawler-updater\pending\temp-PixCrawler-2.exe`;
const POWERSHELL = String.raw`C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe`;
const VALID = { status: 'Valid', message: 'Signature verified.', signer: 'PixCrawler', path: FILE };

const encode = (answer: unknown) => `${Buffer.from(JSON.stringify(answer)).toString('base64')}\r\n`;

interface Situation {
  readonly output?: string;
  readonly failure?: object;
  readonly publishers?: readonly string[];
  readonly path?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Checks with a stand-in for PowerShell, which says that all is well unless told otherwise. */
async function check(situation: Situation = {}) {
  const { output = encode(VALID), failure, publishers = ['PixCrawler'], path = FILE, environment = {} } = situation;
  const runs: ProgramRun[] = [];
  const verify = createSignatureCheck({
    environment,
    run: async (run) => {
      runs.push(run);
      if (failure !== undefined) throw failure;
      return output;
    },
  });
  const reason = await verify(publishers, path);
  assert.equal(runs.length, 1);
  return { reason, run: runs[0]! };
}

const refused = async (situation: Situation, pattern: RegExp) =>
  assert.match((await check(situation)).reason ?? 'It was accepted.', pattern);

test('what a publisher has signed is accepted', async () => {
  assert.equal((await check()).reason, null);
  assert.equal((await check({ publishers: ['Another', 'PixCrawler'] })).reason, null);
  // Windows may write the same path in another way.
  const path = FILE.toUpperCase().replaceAll('\\', '/');
  assert.equal((await check({ output: encode({ ...VALID, path }) })).reason, null);
});

test('what PowerShell cannot tell is refused', async () => {
  await refused({ failure: { code: 'ENOENT' } }, /could not look at its signature \(ENOENT\)/);
  await refused(
    { failure: { code: 1, stderr: 'Method invocation is not supported\r\n' } },
    /\(1\)\. Method invocation/,
  );
  await refused({ failure: { killed: true, code: null } }, /longer than 60 seconds/);
  for (const output of [
    '',
    'Valid',
    JSON.stringify(VALID),
    encode(null),
    encode([VALID]),
    encode({ status: 'Valid' }),
  ]) {
    await refused({ output }, /another way than expected/);
  }
  for (const name of Object.keys(VALID)) {
    await refused({ output: encode({ ...VALID, [name]: null }) }, /another way than expected/);
  }
});

test('another status, another file and another signer are refused', async () => {
  for (const status of ['NotSigned', 'HashMismatch', 'NotTrusted', 'UnknownError', 'valid', '0', '']) {
    await refused({ output: encode({ ...VALID, status }) }, /is not valid/);
  }
  await refused({ output: encode({ ...VALID, path: FILE.replace('2.exe', '3.exe') }) }, /Another file/);
  await refused({ output: encode({ ...VALID, path: '' }) }, /Another file/);
  for (const signer of ['', 'Mallory', 'pixcrawler', 'PixCrawler Ltd', ' PixCrawler']) {
    await refused({ output: encode({ ...VALID, signer }) }, /only "PixCrawler" may update/);
  }
  await refused({ publishers: [] }, /may update/);
  await refused({ publishers: [''], output: encode({ ...VALID, signer: '' }) }, /may update/);
});

test('of a distinguished name the common name counts', async () => {
  for (const publisher of ['CN=PixCrawler', 'O=Mallory, CN=PixCrawler, C=DE', 'O="x, CN=Mallory"; cn = "PixCrawler"']) {
    assert.equal((await check({ publishers: [publisher] })).reason, null, publisher);
    await refused({ publishers: [publisher], output: encode({ ...VALID, signer: 'Mallory' }) }, /may update/);
  }
  await refused({ publishers: ['O=PixCrawler'] }, /may update/);
  const signer = 'Pix, "the" Crawler';
  for (const publisher of ['CN="Pix, ""the"" Crawler", O=x', String.raw`O=x,CN=Pix\, \"the\" Crawler`, signer]) {
    assert.equal(
      (await check({ publishers: [publisher], output: encode({ ...VALID, signer }) })).reason,
      null,
      publisher,
    );
  }
});

test('a file is accepted from exactly those who are named', async () => {
  const name = fc.oneof(
    fc.constantFrom('PixCrawler', 'Pix, Crawler', 'O=x', 'CN=PixCrawler'),
    fc.string({ minLength: 1 }),
  );
  const quoted = (text: string) => `O=x, CN="${text.replaceAll('"', '""')}", C=DE`;
  await fc.assert(
    fc.asyncProperty(name, name, async (signer, publisher) => {
      const { reason } = await check({ publishers: [quoted(publisher)], output: encode({ ...VALID, signer }) });
      assert.equal(reason === null, signer === publisher || signer === quoted(publisher));
    }),
    { numRuns: 500 },
  );
});

test('no path becomes a part of the script', async () => {
  const plain = await check();
  for (const path of [`C:\\it's\\'; calc; '.exe`, 'C:\\$(calc)`n".exe', 'C:\\a & calc.exe', 'C:\\%PATH%\\ü.exe']) {
    const { reason, run } = await check({ path, output: encode({ ...VALID, path }) });
    assert.equal(reason, null);
    assert.deepEqual(run.words, plain.run.words);
    assert.equal(run.environment.PIXCRAWLER_UPDATE_FILE, path);
  }
  // A word of a Windows command line that needs no escapes.
  assert.ok(plain.run.words.every((word) => !word.includes('"') && !word.endsWith('\\')));
});

test('it asks the PowerShell of Windows, with its own modules', async () => {
  const programOf = async (environment: Readonly<Record<string, string>>) => (await check({ environment })).run.program;
  assert.equal(await programOf({}), POWERSHELL);
  assert.equal(await programOf({ SystemRoot: 'D:\\WinNT' }), POWERSHELL.replace('C:\\Windows', 'D:\\WinNT'));
  for (const SystemRoot of ['', 'Windows', '.', '\\\\mallory\\share', '/tmp']) {
    assert.equal(await programOf({ SystemRoot }), POWERSHELL);
  }
  const { run } = await check({ environment: { PSModulePath: 'C:\\Program Files\\PowerShell\\7', TEMP: 'C:\\t' } });
  assert.deepEqual(run.environment, { TEMP: 'C:\\t', PIXCRAWLER_UPDATE_FILE: FILE });
});

/** A folder with a program under the name that PowerShell has on Windows, which here is a name like any other. */
async function standIn(context: TestContext, script: string): Promise<Readonly<Record<string, string>>> {
  const folder = await mkdtemp(join(tmpdir(), 'pixcrawler-signature-'));
  context.after(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, POWERSHELL), `#!/bin/sh\n${script}\n`);
  await chmod(join(folder, POWERSHELL), 0o755);
  return { PATH: `${folder}:/usr/bin:/bin`, ANSWER: encode(VALID) };
}

const onlyHere = { skip: process.platform === 'win32' ? 'needs a stand-in for PowerShell' : false };

test('a process that is not there, fails or never ends is none that has agreed', onlyHere, async (context) => {
  const ask = (environment: Readonly<Record<string, string>>, timeoutMs?: number) =>
    createSignatureCheck({ environment, ...(timeoutMs === undefined ? {} : { timeoutMs }) })(['PixCrawler'], FILE);
  assert.equal(await ask(await standIn(context, 'echo "$ANSWER"')), null);
  assert.match((await ask({ PATH: '/nowhere' })) ?? '', /\(ENOENT\)/);
  assert.match((await ask(await standIn(context, 'echo "$ANSWER"; echo why >&2; exit 3'))) ?? '', /\(3\)\. why/);
  assert.match((await ask(await standIn(context, 'echo "$ANSWER"; exec sleep 60'), 300)) ?? '', /longer than 0.3 sec/);
});
