import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createWatchdog } from './watchdog.ts';

test('who leaves four questions in a row unanswered is silent, and nobody else', (context) => {
  context.mock.timers.enable({ apis: ['setInterval'] });
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 40 }), (answers) => {
      let asked = 0;
      const silences: number[] = [];
      const watchdog = createWatchdog({
        ask: () => {
          asked += 1;
        },
        onSilent: (silentMs) => silences.push(silentMs),
      });
      for (const isAnswered of answers) {
        context.mock.timers.tick(15_000);
        if (isAnswered) watchdog.onAnswer();
      }
      watchdog.stop();
      const text = answers.map((isAnswered) => (isAnswered ? 'a' : '.')).join('');
      const silentAt = text.indexOf('....') + 4;
      const isSilent = /\.{4}./.test(text);
      assert.deepEqual(silences, isSilent ? [60_000] : [], text);
      assert.equal(asked, isSilent ? silentAt : answers.length, text);
    }),
    { numRuns: 200 },
  );
});
