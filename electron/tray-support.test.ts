import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTraySupport } from './tray-support.ts';

test('on Linux the session bus tells whether there is a tray', async () => {
  const answers = async (first: string | null, second: string | null): Promise<boolean> => {
    const support = createTraySupport('linux', async ([name]) => {
      const answer = name === 'gdbus' ? first : second;
      if (answer === null) throw new Error('no such command');
      return answer;
    });
    await new Promise((done) => setTimeout(done, 5));
    support.stop();
    return support.hasTray;
  };
  assert.equal(await answers('(true,)\n', null), true);
  assert.equal(await answers(null, '   boolean true\n'), true);
  assert.equal(await answers('(false,)\n', '   boolean false\n'), false);
  assert.equal(await answers(null, null), false);
  for (const platform of ['darwin', 'win32'] as const) {
    assert.equal(createTraySupport(platform, () => assert.fail('nobody needs to be asked')).hasTray, true);
  }
});
