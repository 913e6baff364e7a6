import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { insideRoot, safeFileName, safeFolderName, UniqueNames } from './safe-name.ts';

const folder = mkdtempSync(join(tmpdir(), 'names-'));
after(() => rmSync(folder, { recursive: true }));

const devices = ['CON', 'prn', 'Aux', 'NUL', 'COM1', 'com9', 'COM¹', 'LPT³', 'lpt0', 'CONIN$', 'conout$', 'CLOCK$'];
const naughty = [
  ...devices.flatMap((name) => [
    name,
    `${name}.txt`,
    `${name} .jpg`,
    `${name}.`,
    `${name}:`,
    ` ${name}`,
    `.${name}`,
    `${name}.tar.gz`,
  ]),
  ...[
    '',
    '.',
    '..',
    '...',
    ' ',
    '. .',
    '../../etc/passwd',
    '..\\..\\x',
    'C:\\x',
    '\\\\server\\share',
    '/abs',
    'a:b',
    'file.txt::$DATA',
  ],
  ...[
    'a\0b.jpg',
    'a\nb',
    '\u202Egpj.exe',
    'a\u200Bb',
    '\uFEFFbom',
    'a\u2028b',
    '😀.jpg',
    '👨‍👩‍👧.png',
    '\ud800',
    '\udc00a',
    'e\u0301.jpg',
    'é.jpg',
  ],
  ...[
    'trailing.',
    'trailing ',
    'trailing. . .',
    ' leading',
    '-rf',
    '~',
    '$(touch x)',
    '`id`',
    '%00',
    '%2e%2e',
    '<a>|"?*',
    'a'.repeat(300),
    `${'é'.repeat(300)}.jpeg`,
  ],
  ...[
    `${'😀'.repeat(100)}.png`,
    `.${'a'.repeat(300)}`,
    `a.${'b'.repeat(300)}`,
    '\u200D',
    '___',
    'Ａ／Ｂ',
    'ﷺ'.repeat(50),
    'Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘!͖̬̰̙̗̿̋ͥͥ̂ͣ̐́́͜͞',
  ],
];
const anyName = fc.oneof(
  fc.constantFrom(...naughty),
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.array(fc.constantFrom(...naughty), { maxLength: 4 }).map((parts) => parts.join('')),
);

/** The rules of Windows, written a second time and differently. */
function assertSafe(name: string, maxBytes: number): void {
  const shown = JSON.stringify(name);
  assert.ok(name.length > 0 && Buffer.byteLength(name) <= maxBytes, shown);
  assert.ok(name.isWellFormed(), shown);
  assert.equal(name, name.normalize('NFC'), shown);
  for (const character of name) {
    assert.ok(!'<>:"/\\|?*'.includes(character), shown);
    const code = character.codePointAt(0)!;
    assert.ok(
      code >= 32 && code !== 127 && !(code >= 0x202a && code <= 0x202e) && !(code >= 0x2066 && code <= 0x2069),
      shown,
    );
  }
  assert.ok(!/[. ]$|^[. ]/.test(name), shown);
  const stem = name.split('.')[0]!.trimEnd().toUpperCase();
  assert.ok(!devices.map((device) => device.toUpperCase()).includes(stem), shown);
}

test('names stay as people wrote them where that is safe', () => {
  for (const name of [
    'cat.jpg',
    'Ünï çödé 写真.png',
    'a-b_c (1).jpeg',
    '👨‍👩‍👧.png',
    'consider.txt',
    'com10.txt',
    'null',
    '___',
  ]) {
    assert.equal(safeFileName(name), name.normalize('NFC'));
  }
  const rows: [string, string][] = [
    ['NUL.txt', '_NUL.txt'],
    ['../../etc/passwd', '___.._etc_passwd'],
    ['a:b', 'a_b'],
    ['photo.jpg. .', 'photo.jpg'],
    ['\u202Egpj.exe', 'gpj.exe'],
    ['.htaccess', '_htaccess'],
    ['e\u0301.jpg', 'é.jpg'],
    ['..', 'file'],
    ['', 'file'],
  ];
  for (const [name, expected] of rows) assert.equal(safeFileName(name), expected);
  assert.equal(safeFolderName(''), 'folder');
  assert.equal(safeFileName('???', { fallback: 'a/b' }), 'a_b');
});

test('every name is safe on three systems, and making it safe twice changes nothing', () => {
  const options = fc.record({ maxBytes: fc.integer({ min: 24, max: 200 }), fallback: anyName });
  fc.assert(
    fc.property(anyName, options, (name, { maxBytes, fallback }) => {
      for (const make of [safeFileName, safeFolderName]) {
        const safe = make(name, { maxBytes, fallback });
        assertSafe(safe, maxBytes);
        assert.equal(make(safe, { maxBytes, fallback }), safe);
      }
    }),
    { numRuns: 5000 },
  );
  for (const name of naughty) assertSafe(safeFileName(name), 120);
});

test('shortening keeps the extension', () => {
  assert.match(safeFileName(`${'a'.repeat(300)}.jpeg`), /^a{115}\.jpeg$/);
  assert.equal(Buffer.byteLength(safeFileName(`${'é'.repeat(300)}.png`)), 120);
});

test('collisions are resolved without regard to case and Unicode form', () => {
  const names = new UniqueNames();
  const taken = ['a.jpg', 'A.JPG', 'a (2).jpg', 'a.jpg', 'é', 'e\u0301', 'É', 'straße', 'STRASSE', 'a?b', 'a*b'].map(
    (name) => names.take(name),
  );
  assert.deepEqual(taken, [
    'a.jpg',
    'A (2).JPG',
    'a (2) (2).jpg',
    'a (3).jpg',
    'é',
    'é (2)',
    'É (3)',
    'straße',
    'STRASSE (2)',
    'a_b',
    'a_b (2)',
  ]);
});

test('unique names are safe, distinct under folding, and the same for the same names', () => {
  fc.assert(
    fc.property(fc.array(anyName, { maxLength: 40 }), fc.integer({ min: 24, max: 60 }), (wanted, maxBytes) => {
      const names = new UniqueNames({ maxBytes });
      const given = wanted.map((name) => names.take(name));
      for (const name of given) assertSafe(name, maxBytes);
      assert.equal(new Set(given.map((name) => name.normalize('NFD').toLowerCase())).size, given.length);
      const again = new UniqueNames({ maxBytes });
      assert.deepEqual(
        wanted.map((name) => again.take(name)),
        given,
      );
    }),
    { numRuns: 500 },
  );
});

test('many equal names cost no more than many different ones', () => {
  const names = new UniqueNames();
  for (let count = 1; count < 20_000; count++) names.take('same.jpg');
  assert.equal(names.take('same.jpg'), 'same (20000).jpg');
});

test('naughty names become one file each, inside the folder', () => {
  const names = new UniqueNames();
  for (const name of naughty) {
    const path = insideRoot(folder, names.take(name));
    assert.ok(path !== null);
    assert.ok(path.startsWith(folder + sep));
    writeFileSync(path, name, { flag: 'wx' });
  }
  assert.equal(readdirSync(folder).length, naughty.length);
});

test('nothing leads out of a root', () => {
  for (const path of [
    '',
    '.',
    '..',
    '../x',
    'a/../../x',
    '/etc',
    '\\x',
    'C:x',
    'c:\\x',
    'a:b',
    'a\0',
    '..\\x',
    '.. /x',
    './.',
    '\\\\s\\h',
  ]) {
    assert.equal(insideRoot(folder, path), null, path);
  }
  assert.equal(insideRoot(folder, 'a//b/./c.jpg'), join(folder, 'a', 'b', 'c.jpg'));
  const part = fc.constantFrom('..', '.', '/', '\\', 'a', ' ', 'C:', '\0', '...', '.. ');
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
      const path = insideRoot(folder, parts.join(''));
      assert.ok(path === null || path.startsWith(folder + sep));
    }),
    { numRuns: 2000 },
  );
});
