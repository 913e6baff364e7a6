/** SIGKILL while something holds the jobs, which must be resumed by the next host and lose nothing. */

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { findOwner } from '../../core/index.ts';
import { createHttpClient, type HttpClient } from '../../sdk/client.ts';
import type { JobState } from '../../shared/vocabulary.ts';
import { draw, encode } from '../web/draw.ts';
import { assertSoundAtRest, sampleFacts } from './library-oracle.ts';
import { type RunningCli, runCli, startCli, temporaryFolder } from './product.ts';

const IMAGES = 400;

/** A host that stays open, and its client. @param killedToken of the host before it, which left its address behind */
async function serve(
  dataDirectory: string,
  killedToken?: string,
): Promise<{ readonly cli: RunningCli; readonly client: HttpClient; readonly token: string }> {
  const cli = startCli(dataDirectory, ['serve', '--port', '0']);
  for (;;) {
    const owner = await findOwner(dataDirectory);
    if (owner !== null && owner.token !== killedToken) {
      return { cli, client: createHttpClient({ baseUrl: owner.address, token: owner.token }), token: owner.token };
    }
    assert.equal(cli.child.exitCode, null, 'the host has ended');
    await new Promise((done) => setTimeout(done, 20));
  }
}

async function comesTo(client: HttpClient, id: number, states: readonly JobState[]): Promise<void> {
  for (;;) {
    const { state } = await client.jobs.get({ id });
    if (states.includes(state)) return;
    assert.ok(!['failed', 'cancelled'].includes(state), state);
    await new Promise((done) => setTimeout(done, 20));
  }
}

test('a host that is killed under a hold leaves jobs that the next one goes on with', {
  timeout: 120_000,
}, async (context) => {
  const folder = await temporaryFolder(context, 'kill-held');
  const source = join(folder, 'pictures');
  mkdirSync(source);
  for (let index = 0; index < IMAGES; index++) {
    writeFileSync(
      join(source, `${index}.jpg`),
      (await encode(draw(30_000 + index, 96, 96), 'jpeg', { quality: 85 })).bytes,
    );
  }
  const calm = join(folder, 'calm');
  await runCli(calm, ['import', 'held', '--create', source]);

  const data = join(folder, 'data');
  await runCli(data, ['dataset', 'create', 'held']);
  const before = await serve(data);
  const [dataset] = await before.client.datasets.list({});
  const running = await before.client.imports.start({ datasetId: dataset!.id, paths: [source] });
  await comesTo(before.client, running.id, ['active']);
  assert.deepEqual(await before.client.jobs.setHolds({ holds: ['suspend'] }), ['suspend']);
  await comesTo(before.client, running.id, ['waiting']);
  const later = await before.client.imports.start({ datasetId: dataset!.id, paths: [join(source, '0.jpg')] });
  assert.equal(later.state, 'waiting');
  before.cli.child.kill('SIGKILL');
  await before.cli.ended;

  const after = await serve(data, before.token);
  assert.deepEqual(await after.client.jobs.holds(), [], 'holds end with the host that saw them');
  await comesTo(after.client, running.id, ['completed']);
  await comesTo(after.client, later.id, ['completed']);
  after.cli.child.kill('SIGTERM');
  await after.cli.ended;
  assertSoundAtRest(data, 'after a kill under a hold');
  assert.deepEqual(
    sampleFacts(data).map(({ origins: _origins, ...fact }) => fact),
    sampleFacts(calm).map(({ origins: _origins, ...fact }) => fact),
  );
});
