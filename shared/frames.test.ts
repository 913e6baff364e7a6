import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createFrameReader, frameHeader } from './frames.ts';

test('frames come out as they went in, however the stream is cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 }),
      fc.infiniteStream(fc.integer({ min: 1, max: 200 })),
      (frames, cuts) => {
        const stream = Uint8Array.from(frames.flatMap((frame) => [...frameHeader(frame.length), ...frame]));
        const seen: number[][] = [];
        const read = createFrameReader(300, (frame) => seen.push([...frame]));
        for (let at = 0; at < stream.length; ) {
          const size = cuts.next().value as number;
          read(stream.slice(at, at + size));
          at += size;
        }
        assert.deepEqual(
          seen,
          frames.map((frame) => [...frame]),
        );
      },
    ),
    { numRuns: 300 },
  );
});

test('a frame that announces more than the limit is refused before its bytes are held', () => {
  const read = createFrameReader(10, () => assert.fail('no frame was complete'));
  assert.throws(() => read(frameHeader(11)), RangeError);
});

test('a long frame in many chunks costs linear time', () => {
  const sizeBytes = 32 * 1024 * 1024;
  let seenBytes = 0;
  const read = createFrameReader(sizeBytes, (frame) => {
    seenBytes = frame.length;
  });
  const startMs = performance.now();
  read(frameHeader(sizeBytes));
  for (let at = 0; at < sizeBytes; at += 4096) read(new Uint8Array(4096));
  assert.equal(seenBytes, sizeBytes);
  // Joining at each of the 8,192 chunks would copy 128 GiB.
  assert.ok(performance.now() - startMs < 5000);
});
