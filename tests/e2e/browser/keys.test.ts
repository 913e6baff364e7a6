/** The key map keeps its word: each key that it shows for Browse and Review is pressed, and does what stands beside it. */

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { KEY_MAP, type KeyRow } from '../../../renderer/keyboard/key-map.ts';
import type { SampleStatus } from '../../../shared/vocabulary.ts';
import { draw, encode } from '../../web/draw.ts';
import { until } from '../command-line.ts';
import { SKIP_BROWSER } from './chromium.ts';
import { makeStage, type Stage, tabTo } from './stage.ts';

const options = { skip: SKIP_BROWSER, timeout: 120_000 };
const LABELS = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];
const SINGLE = 18;
const GROUPS = 5;

let stage: Stage;

before(async () => {
  if (SKIP_BROWSER === false) stage = await makeStage();
});

after(() => stage?.close());

/** Presses one of the keys of a row, and sees what came of it. */
type Checks<Row extends string> = Readonly<Record<Row, (key: string) => Promise<void>>>;

/** As Playwright names a combination. */
function pressed(combination: string): string {
  const names: Record<string, string> = { mod: 'Control', shift: 'Shift', space: 'Space', enter: 'Enter' };
  const arrows = /^(left|right|up|down)$/;
  return combination
    .split('+')
    .map((part) => names[part] ?? (arrows.test(part) || part === 'escape' ? named(part) : part))
    .join('+');
}

function named(part: string): string {
  const word = part.charAt(0).toUpperCase() + part.slice(1);
  return part === 'escape' ? word : `Arrow${word}`;
}

/** Goes through every key of a screen of the map, in its order. */
async function goThrough<Rows extends Readonly<Record<string, KeyRow>>>(
  rows: Rows,
  checks: Checks<keyof Rows & string>,
) {
  for (const [id, row] of Object.entries<KeyRow>(rows)) {
    for (const key of row.keys) {
      try {
        await checks[id as keyof Rows & string](pressed(key));
      } catch (error) {
        throw new Error(`${key}: “${row.title}” (${id}) did not do so.`, { cause: error });
      }
    }
  }
}

interface Made {
  readonly datasetId: number;
  readonly counts: () => Promise<Record<'accepted' | 'quarantined' | 'rejected', number>>;
  /** Images that a label has. */
  readonly labelled: (digit: string) => Promise<number>;
}

/** A dataset of pictures, each of them in so many sizes. */
async function made(name: string, pictures: number, scales: readonly number[]): Promise<Made> {
  const { client } = stage.host;
  const folder = join(stage.root, name);
  mkdirSync(folder);
  for (let seed = 1; seed <= pictures; seed++) {
    for (const scale of scales) {
      const { bytes } = await encode(draw(seed, 480, 360), 'jpeg', { scale });
      writeFileSync(join(folder, `${seed} at ${scale}.jpg`), bytes);
    }
  }
  const { id: datasetId } = await client.datasets.create({ name, labels: LABELS });
  const { id } = await client.imports.start({ datasetId, paths: [folder] });
  await until(async () => /completed/.test((await client.jobs.get({ id })).state), 'the import to end', 60_000);
  const dataset = () => client.datasets.get({ id: datasetId });
  return {
    datasetId,
    counts: async () => (await dataset()).statusCounts,
    labelled: async (digit) =>
      (await dataset()).labels.find((label) => label.name === LABELS[Number(digit) - 1])?.sampleCount ?? 0,
  };
}

/** The checks of keys that are alike wherever images are. */
function common(page: Page, { counts, labelled }: Made) {
  const { keyboard } = page;
  const decided = (status: 'accepted' | 'quarantined' | 'rejected') => async (key: string) => {
    const earlier = (await counts())[status];
    await keyboard.press(key);
    await until(async () => (await counts())[status] === earlier + 1, `one more ${status}`);
  };
  return {
    accept: decided('accepted'),
    quarantine: decided('quarantined'),
    reject: decided('rejected'),
    label: async (key: string) => {
      const earlier = await labelled(key);
      await keyboard.press(key);
      await until(async () => (await labelled(key)) === earlier + 1, `the label “${LABELS[Number(key) - 1]}”`);
    },
    search: async (key: string) => {
      await keyboard.press(key);
      const field = page.getByRole('searchbox');
      await until(() => field.evaluate((element) => element === document.activeElement), 'the focus in the search');
      assert.equal(await field.inputValue(), '');
      await keyboard.press('Escape');
    },
    preview: async (key: string) => {
      await keyboard.press(key);
      await page.getByRole('dialog').waitFor();
      await keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
    },
  };
}

test('in Browse each key does what the map says', options, async () => {
  const here = await made('Browsed', SINGLE, [1]);
  const page = await stage.open(`/datasets/${here.datasetId}/browse`);
  const { keyboard } = page;
  await page
    .locator('.sample-tile[data-status]')
    .nth(SINGLE - 1)
    .waitFor();
  const focused = async () => {
    const id = await page.locator('.sample-grid').getAttribute('aria-activedescendant');
    return Number(/\d+$/.exec(id ?? '')?.[0] ?? Number.NaN);
  };
  const top = async (index: number) => (await page.locator(`[data-index="${index}"]`).boundingBox())?.y ?? Number.NaN;
  // The second image of the second row: there is one in each direction.
  for (const key of ['ArrowRight', 'ArrowRight', 'ArrowDown']) await keyboard.press(key);
  let anchor = await focused();
  const stepped = async (key: string) => {
    const from = await focused();
    await keyboard.press(key);
    await until(async () => (await focused()) !== from, 'another image in front');
    const [to, rows] = [await focused(), Math.sign((await top(await focused())) - (await top(from)))];
    const direction = key.replace(/^.*Arrow/, '');
    if (direction === 'Left' || direction === 'Right') assert.equal(to - from, direction === 'Left' ? -1 : 1);
    else assert.equal(rows, direction === 'Up' ? -1 : 1);
  };
  const sized = (sign: 1 | -1) => async (key: string) => {
    const size = page.getByRole('slider', { name: 'Thumbnail size' });
    const earlier = Number(await size.inputValue());
    await keyboard.press(key);
    await until(async () => Math.sign(Number(await size.inputValue()) - earlier) === sign, 'another size');
  };
  const toggles = (selector: string) => async (key: string) => {
    const earlier = await page.locator(selector).count();
    for (const expected of [1 - earlier, earlier]) {
      await keyboard.press(key);
      await until(async () => (await page.locator(selector).count()) === expected, `${selector} ${expected} times`);
    }
  };
  const selected = (count: number) => page.getByText(`${count} selected`).first();
  const { accept, quarantine, reject, label, search, preview } = common(page, here);
  await goThrough(KEY_MAP.browse.rows, {
    'browse.move': async (key) => {
      await stepped(key);
      anchor = await focused();
    },
    'browse.extend': async (key) => {
      await stepped(key);
      await selected(Math.abs((await focused()) - anchor) + 1).waitFor();
    },
    'browse.preview': preview,
    'browse.accept': async (key) => {
      // What is accepted already would change nothing.
      await quarantine('q');
      await keyboard.press('ArrowLeft');
      await accept(key);
    },
    'browse.quarantine': quarantine,
    'browse.reject': reject,
    'browse.label': label,
    'browse.search': search,
    'browse.smaller': sized(-1),
    'browse.larger': sized(1),
    'browse.select-all': async (key) => {
      await keyboard.press(key);
      await selected(SINGLE).waitFor();
    },
    'browse.clear': async (key) => {
      await keyboard.press(key);
      await selected(SINGLE).waitFor({ state: 'detached' });
    },
    'browse.compare': async (key) => {
      await keyboard.press('ArrowLeft');
      await keyboard.press('Shift+ArrowLeft');
      await selected(2).waitFor();
      await keyboard.press(key);
      await until(async () => (await page.getByRole('dialog').locator('.image-pane').count()) === 2, 'two images');
      await keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
    },
    'browse.inspector': toggles('.side-panel'),
    'browse.filters': toggles('.browse-facets'),
  });
  assert.deepEqual(stage.complaints(), []);
});

test('in the viewer each key does what the map says', options, async () => {
  const here = await made('Viewed', SINGLE, [1]);
  const page = await stage.open(`/datasets/${here.datasetId}/browse`);
  const { keyboard } = page;
  await page.locator('.sample-tile[data-status]').nth(2).click();
  await keyboard.press('Space');
  const viewer = page.getByRole('dialog');
  const at = (place: number) => viewer.getByText(`${place} of ${SINGLE}`).waitFor();
  await at(3);
  let place = 3;
  const stepped = (by: 1 | -1) => async (key: string) => {
    await keyboard.press(key);
    place += by;
    await at(place);
  };
  const percent = async () => /([\d,]+) %/.exec((await viewer.locator('.viewer-facts').textContent()) ?? '')?.[1] ?? '';
  const zoom = async () => Number((await percent()).replaceAll(',', ''));
  const zooms = (isWanted: (now: number, earlier: number) => boolean) => async (key: string) => {
    const earlier = await zoom();
    await keyboard.press(key);
    await until(async () => isWanted(await zoom(), earlier), `another zoom than ${earlier} %`);
  };
  const panes = (count: number) => async (key: string) => {
    await keyboard.press(key);
    await viewer.locator(`.viewer-panes[data-panes="${count}"]`).waitFor();
  };
  const toggles = (name: string) => async (key: string) => {
    const button = viewer.getByRole('button', { name, exact: true });
    const earlier = await button.getAttribute('aria-pressed');
    await keyboard.press(key);
    await until(async () => (await button.getAttribute('aria-pressed')) !== earlier, `${name} to be toggled`);
  };
  const fitted = await zoom();
  const { accept, quarantine, reject, label } = common(page, here);
  await goThrough(KEY_MAP.viewer.rows, {
    'viewer.previous': stepped(-1),
    'viewer.next': stepped(1),
    'viewer.accept': async (key) => {
      await quarantine('q');
      await at(4);
      await keyboard.press('ArrowLeft');
      await at(3);
      await accept(key);
    },
    'viewer.quarantine': quarantine,
    'viewer.reject': reject,
    'viewer.label': label,
    'viewer.in': zooms((now, earlier) => now > earlier),
    'viewer.out': zooms((now, earlier) => now < earlier),
    'viewer.fit': zooms((now) => now === fitted),
    'viewer.actual': async (key) => {
      await keyboard.press('+');
      await zooms((now) => now === 100)(key);
    },
    'viewer.compare': panes(2),
    'viewer.flicker': panes(1),
    'viewer.side': panes(2),
    'viewer.background': async (key) => {
      const name = () => viewer.getByRole('button', { name: /^Background/ }).getAttribute('aria-label');
      const earlier = await name();
      await keyboard.press(key);
      await until(async () => (await name()) !== earlier, 'another background');
    },
    'viewer.histogram': toggles('Histogram'),
    'viewer.inspector': toggles('Inspector'),
    'viewer.close': async (key) => {
      if ((await viewer.count()) === 0) await keyboard.press('Space');
      await viewer.waitFor();
      await keyboard.press(key);
      await viewer.waitFor({ state: 'detached' });
    },
  });
  assert.deepEqual(stage.complaints(), []);
});

test('in a review each key does what the map says', options, async () => {
  const here = await made('Reviewed', SINGLE, [1]);
  const { client } = stage.host;
  const { datasetId } = here;
  const target = { kind: 'matching' as const, filter: {} };
  await client.decisions.apply({ datasetId, target, change: { status: 'quarantined' } });
  const page = await stage.open(`/datasets/${datasetId}/review`);
  const { keyboard } = page;
  await page.getByText(`0 of ${SINGLE} reviewed`).waitFor();
  const shown = () => page.locator('.review-picture img').first().getAttribute('src');
  const seen: (string | null)[] = [await shown()];
  const { accept, reject, label, search, preview } = common(page, here);
  let decisions = 0;
  const counted = async () => {
    decisions += 1;
    await page.getByText(`${decisions} of ${SINGLE} reviewed`).waitFor();
  };
  await goThrough(KEY_MAP.review.rows, {
    'review.accept': async (key) => {
      await accept(key);
      await counted();
    },
    'review.quarantine': async (key) => {
      await keyboard.press(key);
      await counted();
    },
    'review.reject': async (key) => {
      await reject(key);
      await counted();
    },
    'review.label': async (key) => {
      await label(key);
      seen.splice(0, 1, await shown());
    },
    'review.next': async (key) => {
      await keyboard.press(key);
      await until(async () => ![null, ...seen].includes(await shown()), 'an image that was not in front yet');
      seen.push(await shown());
    },
    'review.previous': async (key) => {
      await keyboard.press(key);
      seen.pop();
      await until(async () => (await shown()) === seen.at(-1), 'the image before');
    },
    'review.preview': preview,
    'review.search': search,
  });
  assert.deepEqual(stage.complaints(), []);
});

test('in duplicate groups each key does what the map says', options, async () => {
  const here = await made('Grouped', GROUPS, [1, 0.7, 0.5]);
  const { client } = stage.host;
  const { datasetId, counts } = here;
  const page = await stage.open(`/datasets/${datasetId}/review?queue=groups`);
  const { keyboard } = page;
  const groups = () => client.duplicates.list({ datasetId });
  const { items, total } = await groups();
  assert.equal(total, GROUPS);
  const at = (place: number) =>
    page
      .getByText(new RegExp(`Group ${place} of \\d+`))
      .first()
      .waitFor();
  let place = 1;
  const to = async (key: string, by: number) => {
    await keyboard.press(key);
    place += by;
    await at(place);
  };
  await at(place);
  const strip = page.locator('.review-strip button');
  const current = async () =>
    (await strip.evaluateAll((all) => all.findIndex((each) => each.hasAttribute('aria-current')))) ?? -1;
  const member = (by: number) => async (key: string) => {
    const earlier = await current();
    await keyboard.press(key);
    await until(async () => (await current()) === earlier + by, 'another member in front');
  };
  const sized = (sign: 1 | -1) => async (key: string) => {
    const earlier = (await strip.first().boundingBox())?.width ?? 0;
    await keyboard.press(key);
    await until(
      async () => Math.sign(((await strip.first().boundingBox())?.width ?? 0) - earlier) === sign,
      'another size of the strip',
    );
  };
  const { label, search, preview } = common(page, here);
  /** The image in front may have had the status: one that is decided about leaves its group, and the next comes. */
  const decided = (status: SampleStatus) => async (key: string) => {
    const last = async () => (await client.decisions.state({ datasetId })).undo;
    const earlier = await last();
    await keyboard.press(key);
    await until(async () => (await last())?.id !== earlier?.id, 'a decision');
    const { change, count } = (await last()) ?? {};
    assert.deepEqual({ change, count }, { change: { status }, count: 1 });
  };
  await goThrough(KEY_MAP.groups.rows, {
    'groups.next': (key) => to(key, 1),
    'groups.previous': (key) => to(key, -1),
    'groups.next-member': member(1),
    'groups.previous-member': member(-1),
    'groups.keeper': async (key) => {
      const id = items[place - 1]?.id ?? 0;
      await keyboard.press(key);
      await until(async () => (await client.duplicates.get({ id })).keptBecause === 'chosen', 'another keeper');
    },
    'groups.keep-all': async (key) => {
      await keyboard.press(key);
      await until(async () => (await groups()).total === GROUPS - 1, 'a group to be none');
    },
    'groups.reject-others': async (key) => {
      const earlier = (await counts()).rejected;
      await keyboard.press(key);
      await until(async () => (await counts()).rejected === earlier + 2, 'the other two to be rejected');
    },
    'groups.accept': decided('accepted'),
    'groups.quarantine': decided('quarantined'),
    'groups.reject': decided('rejected'),
    'groups.label': label,
    'groups.preview': preview,
    'groups.search': search,
    'groups.flicker': async (key) => {
      const mode = () => page.locator('.review-pair').getAttribute('data-mode');
      const earlier = await mode();
      await keyboard.press(key);
      await until(async () => (await mode()) !== earlier, 'the other way to compare');
    },
    'groups.smaller': sized(-1),
    'groups.larger': sized(1),
  });
  assert.deepEqual(stage.complaints(), []);
});

test('a decision after an undo goes on from the group that is in front', options, async () => {
  const { datasetId } = await made('Undone', GROUPS, [1, 0.7, 0.5]);
  const page = await stage.open(`/datasets/${datasetId}/review?queue=groups`);
  const at = (place: number) => page.locator('.review-progress').getByText(`Group ${place} of`).waitFor();
  await at(1);
  for (const [key, place] of [
    ['k', 2],
    ['Control+z', 1],
    ['ArrowDown', 2],
    ['k', 3],
  ] as const) {
    await page.keyboard.press(key);
    await at(place);
  }
  // What was undone can no longer be done again, and calls nobody back.
  await page.waitForTimeout(1_500);
  await at(3);
  assert.deepEqual(stage.complaints(), []);
});

test('Ctrl and Enter start from whatever the keyboard has led to', options, async () => {
  const { client } = stage.host;
  const { datasetId } = await made('started by key', 3, [1]);
  const started = async (kind: 'crawl' | 'export') =>
    (await client.jobs.list({ datasetId })).items.filter((job) => job.kind === kind).length;

  const exported = [
    ['radio', /.*/],
    ['checkbox', /Quarantined/],
    ['button', 'Choose…'],
    ['textbox', 'Folder'],
  ] as const;
  for (const [index, [role, name]] of exported.entries()) {
    const page = await stage.open(`/datasets/${datasetId}/export`);
    const folder = page.getByRole('textbox', { name: 'Folder' });
    await folder.fill(stage.root);
    await page.getByRole('textbox', { name: 'Name' }).fill(`by key ${index}`);
    await page.getByRole('button', { name: 'Export', exact: true }).and(page.locator(':enabled')).waitFor();
    // Round to the start of the page, as Tab would.
    await page.evaluate(() => document.activeElement instanceof HTMLElement && document.activeElement.blur());
    await tabTo(page, role, name);
    await page.keyboard.press('Control+Enter');
    await until(async () => (await started('export')) === index + 1, `an export to start from the ${role}`);
    await page.close();
  }

  const collected = [
    ['combobox', 'Label for pages, lists and folders'],
    ['spinbutton', 'Images at most'],
    ['checkbox', 'Openverse'],
    ['button', 'Add a label'],
    ['textbox', 'Pages'],
  ] as const;
  for (const [index, [role, name]] of collected.entries()) {
    const page = await stage.open(`/datasets/${datasetId}/collect`);
    const more = page.getByRole('button', { name: 'Collect more' });
    await more
      .or(page.getByRole('textbox', { name: 'Pages' }))
      .first()
      .waitFor();
    if (await more.isVisible()) await more.click();
    // Nobody answers there: what is asked for differs, so that each is a job of its own.
    await page.getByRole('textbox', { name: 'Pages' }).fill(`http://nowhere.invalid/${index}`);
    await page.evaluate(() => document.activeElement instanceof HTMLElement && document.activeElement.blur());
    await tabTo(page, role, name);
    await page.keyboard.press('Control+Enter');
    await until(async () => (await started('crawl')) === index + 1, `a collection to start from the ${role}`);
    await page.close();
  }
  assert.deepEqual(stage.complaints(), []);
});
