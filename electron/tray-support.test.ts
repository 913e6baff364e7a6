import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTraySupport } from './tray-support.ts';

/** @param answers of the bus to one question after another; null where no command of that name is there */
function start(answers: readonly (string | null)[], tool = 'gdbus') {
  const left = [...answers];
  const said: string[] = [];
  const support = createTraySupport({
    platform: 'linux',
    onTray: () => void said.push('tray'),
    onNone: () => void said.push('none'),
    run: async (command) => {
      if (command[0] !== tool) throw new Error('no such command');
      assert.ok(command.join(' ').includes('IsStatusNotifierHostRegistered'));
      const answer = left.shift() ?? null;
      if (answer === null) throw new Error('nobody has that name');
      return answer;
    },
    askAgainAfterMs: [5, 10],
  });
  return { support, said };
}
const settled = () => new Promise((done) => setTimeout(done, 60));

test('on Linux the session bus tells whether icons are shown', async () => {
  for (const [answer, tool, expected] of [
    ['(<true>,)\n', 'gdbus', true],
    ['   variant       boolean true\n', 'dbus-send', true],
    ['(<false>,)\n', 'gdbus', false],
    [null, 'gdbus', false],
  ] as const) {
    const { support } = start([answer], tool);
    await settled();
    support.stop();
    assert.equal(support.hasTray, expected, `${tool} ${answer}`);
  }
});

test('an icon is made once somebody shows it, however late, and that nobody does is told once', async () => {
  const shown = '(<true>,)';
  const hidden = '(<false>,)';
  for (const [answers, expected] of [
    [[shown], ['tray']],
    [[hidden, shown], ['tray']],
    [[hidden, null, shown], ['tray']],
    [[hidden, hidden, hidden], ['none']],
    [
      [hidden, hidden, hidden, hidden, shown],
      ['none', 'tray'],
    ],
  ] as const) {
    const { support, said } = start(answers);
    await settled();
    support.stop();
    assert.deepEqual(said, expected, answers.join());
  }
  const { support, said } = start([hidden, shown]);
  support.stop();
  await settled();
  assert.deepEqual(said, [], 'it was stopped');
});

test('the other systems always show them', () => {
  for (const platform of ['darwin', 'win32'] as const) {
    let isMade = false;
    const onTray = () => {
      isMade = true;
    };
    const run = () => assert.fail('nobody needs to be asked');
    assert.ok(createTraySupport({ platform, onTray, onNone: () => assert.fail(), run }).hasTray);
    assert.ok(isMade);
  }
});
