/** Files of this machine, and how a file manager drops them on a page. */

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { draw, encode } from '../../web/draw.ts';

/** Drops files and folders on the middle of an element. */
export async function dropFiles(page: Page, selector: string, files: readonly string[]): Promise<void> {
  const box = await page.locator(selector).first().boundingBox();
  assert.ok(box !== null, selector);
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [...files], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await session.send('Input.dispatchDragEvent', {
      type,
      x: box.x + box.width / 2,
      y: box.y + box.height / 2,
      data,
    });
  }
  await session.detach();
}

/** Writes a picture for each seed into a folder. Default: 320 by 240 pixels. */
export async function writeImages(
  folder: string,
  seeds: readonly number[],
  [width, height]: readonly [number, number] = [320, 240],
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (const seed of seeds)
    writeFileSync(join(folder, `${seed}.jpg`), (await encode(draw(seed, width, height), 'jpeg')).bytes);
}
