import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { autostartEntry } from './autostart-entry.ts';

test('an entry starts the program without a window', () => {
  assert.equal(
    autostartEntry(['/opt/Pix Crawler/pixcrawler', '--hidden']),
    '[Desktop Entry]\nType=Application\nName=PixCrawler\nIcon=pixcrawler\n' +
      'Exec="/opt/Pix Crawler/pixcrawler" "--hidden"\nTerminal=false\nX-GNOME-Autostart-enabled=true\n',
  );
});

/** Reads Exec as the specification has it: first as a text of the file, then as a command line. */
function wordsOf(entry: string): string[] {
  const line = /^Exec=(.*)$/m.exec(entry)?.[1] ?? '';
  const text = line.replaceAll(/\\(.)/g, '$1');
  return [...text.matchAll(/"((?:[^"\\]|\\.)*)"/gs)].map(([, word = '']) =>
    word.replaceAll(/\\(.)/g, '$1').replaceAll('%%', '%'),
  );
}

test('whatever a path is called, it is read as it was', () => {
  const word = fc.string({ minLength: 1 }).filter((text) => !/[\n\r\0]/.test(text));
  fc.assert(
    fc.property(fc.array(word, { minLength: 1 }), (words) => {
      const entry = autostartEntry(words);
      assert.deepEqual(wordsOf(entry), words);
      // A percent sign alone would be a field that the desktop fills in.
      assert.doesNotMatch((/^Exec=(.*)$/m.exec(entry)?.[1] ?? '').replaceAll('%%', ''), /%/);
    }),
    { numRuns: 300 },
  );
});
