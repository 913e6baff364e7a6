import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { EXIT } from '../cli/errors.ts';
import { environmentVariableOf, SETTINGS, type SettingName } from '../shared/settings.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (name: string): string => readFileSync(`${root}/${name}`, 'utf8');
const settings = Object.entries(SETTINGS) as [SettingName, (typeof SETTINGS)[SettingName]][];

test('.env.example has every setting with its default, and what else is read', () => {
  const variables = [...read('.env.example').matchAll(/^#(PIXCRAWLER_\w+)=(.*)$/gm)].map(([, name, value]) => [
    name,
    value,
  ]);
  const expected = settings.map(([name, { defaultValue }]) => [environmentVariableOf(name), String(defaultValue)]);
  assert.deepEqual(variables, [
    ['PIXCRAWLER_DATA_DIR', ''],
    ...expected,
    ['PIXCRAWLER_EXTRA_CA_CERTS', ''],
    ['PIXCRAWLER_TOKEN', ''],
  ]);
});

test('README.md has every setting, command and exit code', () => {
  // The formatter pads the columns of tables.
  const readme = read('README.md').replaceAll(/ +/g, ' ');
  for (const [name, { defaultValue, description }] of settings) {
    const shown = defaultValue === '' ? 'empty' : `\`${defaultValue}\``;
    const row = `| \`${name}\` | \`${environmentVariableOf(name)}\` | ${shown} | ${description} |`;
    assert.ok(readme.includes(row), `expected the line ${row}`);
  }
  for (const file of readdirSync(`${root}/cli/commands`).filter((each) => !each.endsWith('.test.ts'))) {
    const [, command] = /\.command\('(\w+)/.exec(read(`cli/commands/${file}`)) ?? [];
    assert.match(readme, new RegExp(`^\\| \`${command}[ \`]`, 'm'), `expected the command ${command} of ${file}`);
  }
  for (const code of Object.values(EXIT))
    assert.ok(readme.includes(`\n| ${code} | `), `expected the exit code ${code}`);
});

test('links between documents lead somewhere', () => {
  const documents = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'docs/architecture.md'];
  const links = documents.flatMap((name) =>
    [...read(name).matchAll(/\]\(([^)#:]+)\)/g)].map(([, target]) => join(root, dirname(name), target!)),
  );
  assert.ok(links.length > 3);
  for (const link of links) assert.ok(existsSync(link), `${link} is missing`);
});

test('decisions are numbered without a gap', () => {
  const numbers = readdirSync(`${root}/docs/decisions`)
    .sort()
    .map((name) => Number(name.slice(0, 4)));
  assert.deepEqual(
    numbers,
    numbers.map((_number, index) => index + 1),
  );
});
