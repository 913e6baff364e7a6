import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTraySupport } from './tray-support.ts';

test('on Linux the session bus tells whether there is a tray', async () => {
  const answers = async (first: string | null, second: string | null): Promise<boolean> => {
    const run = async ([name]: readonly string[]) => {
      const answer = name === 'gdbus' ? first : second;
      if (answer === null) throw new Error('no such command');
      return answer;
    };
    const support = createTraySupport({ platform: 'linux', onNone: () => undefined, run });
    await new Promise((done) => setTimeout(done, 5));
    support.stop();
    return support.hasTray;
  };
  assert.equal(await answers('(true,)\n', null), true);
  assert.equal(await answers(null, '   boolean true\n'), true);
  assert.equal(await answers('(false,)\n', '   boolean false\n'), false);
  assert.equal(await answers(null, null), false);
  for (const platform of ['darwin', 'win32'] as const) {
    const run = () => assert.fail('nobody needs to be asked');
    assert.equal(createTraySupport({ platform, onNone: () => assert.fail(), run }).hasTray, true);
  }
});

test('a desktop that shows no tray is told of, once nobody waits for one any longer', async () => {
  const told = async (answers: readonly boolean[]): Promise<number> => {
    const left = [...answers];
    let count = 0;
    const support = createTraySupport({
      platform: 'linux',
      onNone: () => {
        count += 1;
      },
      run: async () => `(${left.shift() ?? false},)`,
      askAgainAfterMs: [5, 10],
    });
    await new Promise((done) => setTimeout(done, 50));
    support.stop();
    return count;
  };
  assert.equal(await told([false, false, false]), 1);
  assert.equal(await told([false, true]), 0);
  assert.equal(await told([false, false, true]), 0);
});
