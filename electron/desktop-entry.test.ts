import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { autostartEntry, isLinkEntry, linkEntry } from './desktop-entry.ts';

test('an entry starts the program without a window', () => {
  assert.equal(
    autostartEntry(['/opt/Pix Crawler/pixcrawler', '--hidden']),
    '[Desktop Entry]\nType=Application\nName=PixCrawler\nIcon=pixcrawler\n' +
      'TryExec=/opt/Pix Crawler/pixcrawler\nExec="/opt/Pix Crawler/pixcrawler" "--hidden"\nTerminal=false\nX-GNOME-Autostart-enabled=true\n',
  );
});

test('an entry for links is in no menu, and is known again', () => {
  const entry = linkEntry('/home/a b/PixCrawler.AppImage');
  assert.equal(
    entry,
    '[Desktop Entry]\nType=Application\nName=PixCrawler\nIcon=pixcrawler\nTryExec=/home/a b/PixCrawler.AppImage\n' +
      'Exec="/home/a b/PixCrawler.AppImage" %u\nTerminal=false\nNoDisplay=true\nStartupWMClass=pixcrawler\n' +
      'MimeType=x-scheme-handler/pixcrawler;\nX-PixCrawler-Written=true\n',
  );
  assert.ok(isLinkEntry(entry));
  assert.ok(!isLinkEntry(autostartEntry(['/opt/pixcrawler'])));
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
      assert.deepEqual(wordsOf(linkEntry(words[0]!)), words.slice(0, 1));
      // A percent sign alone would be a field that the desktop fills in.
      assert.doesNotMatch((/^Exec=(.*)$/m.exec(entry)?.[1] ?? '').replaceAll('%%', ''), /%/);
    }),
    { numRuns: 300 },
  );
});
