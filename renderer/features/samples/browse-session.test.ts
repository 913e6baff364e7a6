import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { BrowseSession } from './browse-session.ts';
import { type BrowseView, DEFAULT_VIEW } from './browse-view.ts';
import { Library, sample, until } from './testing/memory-library.ts';

const sessions: BrowseSession[] = [];
afterEach(() => {
  for (const session of sessions.splice(0)) session.close();
});

const quarantined = (count: number) =>
  Array.from({ length: count }, (_, at) => ({ ...sample(at + 1), status: 'quarantined' as const }));

async function opened(library: Library, view: BrowseView = DEFAULT_VIEW, isAway = () => false) {
  const failures: unknown[] = [];
  const again: ((() => void) | null)[] = [];
  const session = new BrowseSession({
    datasetId: 1,
    source: library,
    onDecided: () => session.refreshSoon(),
    onFailed: (error, makeAgain) => {
      failures.push(error);
      again.push(makeAgain);
    },
    onUnread: (error) => failures.push(error),
    isAway,
    refreshMs: 1,
  });
  sessions.push(session);
  session.show(view);
  await until(() => session.counted);
  session.want({ first: 0, last: 30 });
  return { session, failures, again };
}

describe('a browsing session', () => {
  it('marks at once, goes to the next one and keeps it in focus when the decided one leaves the list', async () => {
    const library = new Library(quarantined(50));
    const { session } = await opened(library, { ...DEFAULT_VIEW, filter: { statuses: ['quarantined'] } });
    session.focus(3);
    session.decide({ status: 'accepted' });
    assert.equal(session.at(3)?.status, 'accepted');
    assert.equal(session.focused?.id, 5);
    await until(() => session.count === 49);
    assert.equal(session.focused?.id, 5);
    assert.equal(session.selection.focus, 3);
    assert.equal(session.takeShift(), -1);
    assert.equal(session.takeShift(), 0);
  });

  it('takes back on the screen what the core did not take', async () => {
    const library = new Library(quarantined(10));
    const { session, failures } = await opened(library);
    session.focus(0);
    library.failing = true;
    session.decide({ status: 'rejected' });
    assert.equal(session.at(0)?.status, 'rejected');
    await until(() => failures.length === 1);
    assert.equal(session.at(0)?.status, 'quarantined');
  });

  it('stays where it is while the core is away, and makes a decision again that was about what one saw', async () => {
    let isAway = true;
    const library = new Library(quarantined(10));
    const { session, again } = await opened(library, DEFAULT_VIEW, () => isAway);
    session.focus(3);
    session.decide({ status: 'rejected' });
    session.decideAbout([4], { label: 'cat' }, true);
    assert.deepEqual([session.focused?.id, session.at(3)?.status, session.at(3)?.label], [4, 'quarantined', null]);
    session.selectAll();
    session.decide({ status: 'accepted' });
    assert.deepEqual(
      again.map((makeAgain) => makeAgain !== null),
      [true, true, false],
    );
    isAway = false;
    for (const makeAgain of again) makeAgain?.();
    await until(() => library.rows[3]?.status === 'rejected' && library.rows[3]?.label === 'cat');
    assert.equal(library.rows[0]?.status, 'quarantined');
  });

  it('decides about everything that matches but for what was taken out', async () => {
    const library = new Library(quarantined(2_000));
    const { session } = await opened(library);
    session.selectAll();
    session.click(4, { range: false, toggle: true });
    assert.equal(session.selectedCount, 1_999);
    session.decide({ status: 'accepted' });
    await until(() => library.rows.filter((row) => row.status === 'accepted').length === 1_999);
    assert.equal(library.rows[4]?.status, 'quarantined');
  });

  it('selects a range whose middle was never loaded', async () => {
    const { session } = await opened(new Library(quarantined(5_000)));
    session.click(2, { range: false, toggle: false });
    session.click(4_321, { range: true, toggle: false });
    await until(() => session.selectedCount === 4_320);
    assert.equal(session.selection.focus, 4_321);
  });

  it('keeps the old list on screen until the new one has something', async () => {
    const rows = quarantined(20).map((row, at) => ({ ...row, label: at % 2 ? 'cat' : 'dog' }));
    const { session } = await opened(new Library(rows));
    const before = session.listNumber;
    session.show({ ...DEFAULT_VIEW, filter: { labels: ['cat'] } });
    assert.equal(session.count, 20);
    await until(() => session.listNumber > before);
    await until(() => session.count === 10);
    assert.equal(session.at(0)?.label, 'cat');
  });

  it('decides about all that is seen, not about what was asked for since', async () => {
    const rows = quarantined(20).map((row, at) => ({ ...row, label: at < 7 ? 'cat' : 'dog' }));
    const library = new Library(rows);
    const { session } = await opened(library, { ...DEFAULT_VIEW, filter: { labels: ['cat'] } });
    await until(() => session.count === 7);
    session.selectAll();
    session.show(DEFAULT_VIEW);
    assert.equal(session.selectedCount, 7);
    session.decide({ status: 'rejected' });
    await until(() => session.count === 20);
    await until(() => library.rows.some((row) => row.status === 'rejected'));
    assert.deepEqual(
      library.rows.filter((row) => row.status === 'rejected').map((row) => row.label),
      Array(7).fill('cat'),
    );
  });

  it('makes sections by label, each with its count', async () => {
    const rows = quarantined(30).map((row, at) => ({ ...row, label: ['dog', 'cat', null][at % 3]! }));
    const { session } = await opened(new Library(rows), { ...DEFAULT_VIEW, grouping: 'label' });
    assert.deepEqual(
      session.sections.map(({ key, count }) => [key, count]),
      [
        ['cat', 10],
        ['dog', 10],
        ['', 10],
      ],
    );
    await until(() => session.at(29) !== undefined);
    assert.equal(session.at(10)?.label, 'dog');
  });

  it('makes a section of each duplicate group, and one of what is in none', async () => {
    const rows = quarantined(40).map((row, at) => ({
      ...row,
      // Of each ten, the first is kept and the next two repeat it.
      keeper: [1, 2].includes(at % 10) ? { sha256: sample(row.id - (at % 10)).sha256, distance: 1 } : null,
    }));
    const library = new Library(rows);
    const { session } = await opened(library, { ...DEFAULT_VIEW, grouping: 'duplicates' });
    await until(() => session.counted);
    const expected = [...['1', '2', '3', '4'].map((key) => [key, 3]), ['single', 28]];
    assert.deepEqual(
      session.sections.map(({ key, count }) => [key, count]),
      expected,
    );
    await until(() => session.at(11) !== undefined && session.at(12) !== undefined);
    assert.deepEqual([session.at(11)?.id, session.at(12)?.id], [33, 4]);
    const { sections } = session;
    session.select(session.selection);
    library.rows = rows.map((row) => ({ ...row, caption: 'read again' }));
    session.refreshSoon();
    await until(() => session.at(0)?.caption === 'read again');
    assert.equal(session.sections, sections, 'the grid lays out anew only what changed');
  });

  it('finds the sample that a link names, loaded or not', async () => {
    const { session } = await opened(new Library(quarantined(3_000)));
    assert.equal(await session.focusSample(2_345), true);
    assert.equal(session.selection.focus, 2_344);
    session.want({ first: 2_340, last: 2_350 });
    await until(() => session.focused?.id === 2_345);
    assert.equal(await session.focusSample(9_999), false);
  });

  it('reads once for many changes', async () => {
    const library = new Library(quarantined(20));
    const { session } = await opened(library);
    await until(() => session.at(0) !== undefined);
    let asked = -1;
    // What opening asks for may come late on a busy machine.
    while (asked !== library.asked.length) {
      asked = library.asked.length;
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
    for (let turn = 0; turn < 50; turn += 1) session.refreshSoon();
    await until(() => library.asked.length > asked);
    await new Promise((resolve) => setTimeout(resolve, 120));
    assert.equal(library.asked.length, asked + 1);
  });
});
