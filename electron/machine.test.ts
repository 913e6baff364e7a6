import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { createMachine } from './machine.ts';

const noCommand = async () => assert.fail('no command is needed');

type Supplies = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** A Linux with these power supplies, as the kernel shows them. */
async function linuxWith(context: TestContext, supplies: Supplies) {
  const powerSuppliesPath = await mkdtemp(join(tmpdir(), 'pixcrawler-supplies-'));
  context.after(() => rm(powerSuppliesPath, { recursive: true }));
  for (const [name, files] of Object.entries(supplies)) {
    await mkdir(join(powerSuppliesPath, name));
    for (const [file, text] of Object.entries(files)) await writeFile(join(powerSuppliesPath, name, file), `${text}\n`);
  }
  // As Electron answers there, whatever is plugged in.
  const isOnBatteryPower = () => false;
  return createMachine({ platform: 'linux', isOnBatteryPower, environment: {}, run: noCommand, powerSuppliesPath });
}

const LAPTOP = { type: 'Battery', status: 'Discharging', capacity: '57' };
const NO_MAINS = { type: 'Mains', online: '0' };

test('Linux tells by files whether it is on battery, and how full that is', async (context) => {
  const of = async (supplies: Supplies) => (await linuxWith(context, supplies)).battery();
  assert.deepEqual(await of({ BAT0: LAPTOP, AC: NO_MAINS }), { isOnBattery: true, batteryLevel: 0.57 });
  assert.deepEqual(await of({ BAT0: LAPTOP }), { isOnBattery: true, batteryLevel: 0.57 }, 'no mains is shown');
  for (const status of ['Charging', 'Full', 'Not charging', 'Unknown']) {
    assert.equal((await of({ BAT0: { ...LAPTOP, status } })).isOnBattery, false, status);
  }
  assert.equal((await of({ BAT0: LAPTOP, AC: { ...NO_MAINS, online: '1' } })).isOnBattery, false);
  const second = { ...LAPTOP, status: 'Not charging', capacity: '43' };
  assert.deepEqual(await of({ BAT0: LAPTOP, BAT1: second }), { isOnBattery: true, batteryLevel: 0.5 });
  const none = { isOnBattery: false, batteryLevel: null };
  assert.deepEqual(await of({}), none);
  assert.deepEqual(await of({ mouse: { ...LAPTOP, scope: 'Device', capacity: '3' } }), none, 'not of the machine');
  for (const capacity of ['', 'much', '-5']) {
    assert.deepEqual(await of({ BAT0: { ...LAPTOP, capacity } }), { isOnBattery: true, batteryLevel: null });
  }
  assert.equal((await of({ BAT0: { ...LAPTOP, capacity: '103' } })).batteryLevel, 1);
  assert.equal((await of({ BAT0: { type: 'Battery', status: 'Discharging' } })).batteryLevel, null);
  const nowhere = createMachine({
    platform: 'linux',
    isOnBatteryPower: () => false,
    environment: {},
    powerSuppliesPath: join(tmpdir(), 'pixcrawler-there-is-no-such-folder'),
  });
  assert.deepEqual(await nowhere.battery(), none);
});

test('macOS and Windows are asked for the charge on battery alone', async () => {
  const answers = {
    darwin:
      "Now drawing from 'Battery Power'\n -InternalBattery-0 (id=4653155)\t57%; discharging; 6:03 remaining present: true\n",
    win32: '57\r\n',
  };
  for (const platform of ['darwin', 'win32'] as const) {
    let isOnBattery = false;
    let answer: string | null = answers[platform];
    const commands: (readonly string[])[] = [];
    const machine = createMachine({
      platform,
      isOnBatteryPower: () => isOnBattery,
      environment: { SystemRoot: 'D:\\Windows' },
      run: async (command) => {
        commands.push(command);
        if (answer === null) throw new Error('no such command');
        return answer;
      },
    });
    assert.deepEqual(await machine.battery(), { isOnBattery: false, batteryLevel: null });
    assert.deepEqual(commands, []);
    isOnBattery = true;
    assert.deepEqual(await machine.battery(), { isOnBattery: true, batteryLevel: 0.57 });
    assert.match(commands[0]?.[0] ?? '', /^\/usr\/bin\/pmset$|^D:\\Windows\\System32\\.+\\powershell\.exe$/);
    answer = null;
    assert.deepEqual(await machine.battery(), { isOnBattery: true, batteryLevel: null });
    answer = answers[platform];
    const asked = machine.battery();
    isOnBattery = false;
    assert.equal((await asked).isOnBattery, false, 'the plug was put in meanwhile');
  }
});

test('a network is metered where the system says or guesses so', async () => {
  const asked = (platform: NodeJS.Platform, answer: string | null) =>
    createMachine({
      platform,
      isOnBatteryPower: () => false,
      environment: {},
      run: async () => {
        if (answer === null) throw new Error('no such command');
        return answer;
      },
    }).isMetered();
  const networkManager = [null, true, false, true, false, null];
  for (const [value, expected] of networkManager.entries()) {
    assert.equal(await asked('linux', `(<uint32 ${value}>,)\n`), expected);
    const printed = `method return time=1.2 sender=:1.5 -> destination=:1.7 serial=3 reply_serial=2\n   variant       uint32 ${value}\n`;
    assert.equal(await asked('linux', printed), expected);
  }
  assert.equal(await asked('win32', 'Unrestricted\r\n'), false);
  assert.equal(await asked('win32', 'Fixed\r\n'), true);
  assert.equal(await asked('win32', 'Variable\r\n'), true);
  assert.equal(await asked('win32', 'Unknown\r\n'), null);
  for (const platform of ['linux', 'win32'] as const) {
    assert.equal(await asked(platform, null), null);
    assert.equal(await asked(platform, ''), null);
  }
  assert.equal(await asked('darwin', 'true'), null, 'macOS does not tell');
});

test('whatever a command writes gives a charge between empty and full, or none', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom('darwin', 'win32'), fc.string(), fc.nat(), async (platform, junk, percent) => {
      const answer = `${junk}\t${percent}%;${junk}\n${percent}\n${junk}`;
      const options = { platform, isOnBatteryPower: () => true, environment: {}, run: async () => answer } as const;
      const { batteryLevel } = await createMachine(options).battery();
      assert.ok(batteryLevel === null || (batteryLevel >= 0 && batteryLevel <= 1));
    }),
    { numRuns: 300 },
  );
});
