/** Draws `resources/` from its .svg files: what installers, windows, docks and trays show. `node tools/icons.ts` writes them. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { ICNS_SIZES, type Picture, toIcns, toIco } from './icon-files.ts';

const resources = fileURLToPath(new URL('../resources', import.meta.url));
const LINUX_SIZES = [16, 32, 48, 64, 128, 256, 512];
const WINDOWS_SIZES = [16, 24, 32, 48, 64, 128, 256];
const TRAY_SIZES = [16, 20, 24, 32];
/** The share of its square that an icon of macOS fills. */
const MAC_SHARE = 824 / 1024;
/** Pixels an inch at which one unit of an .svg is one pixel. */
const BASE_DENSITY = 72;

/** @returns the bytes of every file that is drawn, by its path below `resources/` */
export async function drawIcons(): Promise<ReadonlyMap<string, Buffer>> {
  const icon = await readFile(join(resources, 'icon.svg'));
  const tray = await readFile(join(resources, 'tray.svg'));
  const template = await readFile(join(resources, 'tray-template.svg'));
  const all = (svg: Buffer, sizes: readonly number[], share = 1) =>
    Promise.all(sizes.map((size) => draw(svg, size, share)));
  const files = new Map<string, Buffer>();
  files.set('icon.png', (await draw(icon, 1024)).png);
  files.set('icon.icns', toIcns(await all(icon, ICNS_SIZES, MAC_SHARE)));
  // What is small is drawn from the picture of the tray, whose edges lie on pixels.
  const small = await all(tray, [16]);
  files.set('icon.ico', toIco([...small, ...(await all(icon, WINDOWS_SIZES.slice(1)))]));
  for (const { size, png } of [...small, ...(await all(icon, LINUX_SIZES.slice(1)))]) {
    files.set(`icons/${size}x${size}.png`, png);
  }
  for (const [name, svg] of [
    ['tray', tray],
    ['trayTemplate', template],
  ] as const) {
    files.set(`${name}.png`, (await draw(svg, 16)).png);
    files.set(`${name}@2x.png`, (await draw(svg, 32)).png);
  }
  files.set('tray.ico', toIco(await all(tray, TRAY_SIZES)));
  return files;
}

/** @param share of the square's width that is drawn on; the rest is a transparent margin */
async function draw(svg: Buffer, size: number, share = 1): Promise<Picture> {
  const inner = Math.round(size * share);
  const before = Math.floor((size - inner) / 2);
  const after = size - inner - before;
  const { width } = await sharp(svg).metadata();
  const drawn = await sharp(svg, { density: (BASE_DENSITY * inner) / width })
    .resize(inner, inner)
    .extend({ top: before, bottom: after, left: before, right: after, background: '#0000' })
    .ensureAlpha()
    .raw()
    .toBuffer();
  const png = await sharp(drawn, { raw: { width: size, height: size, channels: 4 } })
    .png({ compressionLevel: 9, effort: 10 })
    .toBuffer();
  return { size, png, rgba: drawn };
}

if (import.meta.main) {
  for (const [path, bytes] of await drawIcons()) {
    mkdirSync(dirname(join(resources, path)), { recursive: true });
    writeFileSync(join(resources, path), bytes);
  }
}
