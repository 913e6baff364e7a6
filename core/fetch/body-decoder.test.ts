import assert from 'node:assert/strict';
import { test } from 'node:test';
import { constants, createZstdCompress } from 'node:zlib';
import { BodyDecoder } from './body-decoder.ts';
import type { FetchProblem } from './fetch-problem.ts';

/** A frame that tells its window and not its size, as a server sends it. */
async function zstd(text: string, windowLog: number): Promise<Buffer> {
  const encoder = createZstdCompress({ params: { [constants.ZSTD_c_windowLog]: windowLog } });
  encoder.write(text);
  encoder.flush(() => encoder.end());
  return Buffer.concat(await encoder.toArray());
}

function decoded(body: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    const decoder = new BodyDecoder('zstd', {
      onData: (chunk) => chunks.push(chunk),
      onEnd: () => resolve(Buffer.concat(chunks).toString()),
      onError: reject,
      onDrain: () => undefined,
    });
    decoder.write(body);
    decoder.end();
  });
}

test('a zstd body may make us remember 8 MiB, which is what browsers take, and no more', async () => {
  assert.equal(await decoded(await zstd('a page', 23)), 'a page');
  await assert.rejects(decoded(await zstd('a page', 24)), ({ kind, reason }: FetchProblem) => {
    assert.deepEqual([kind, reason], ['permanent', 'protocol-error']);
    return true;
  });
});
