/** `npm run package`: builds everything and makes the packages of this system, or says what that lacks. */

import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Arch, build as buildPackages, Platform } from 'electron-builder';
import { build } from './build.ts';
import { addNatives } from './native-packages.ts';
import {
  ARCHITECTURES,
  type Architecture,
  findNeeds,
  type PackagingPlatform,
  TARGETS,
  type TargetName,
} from './package-needs.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const say = (line: string): void => void process.stderr.write(`${line}\n`);

const USAGE = `npm run package -- [TARGET…] [--x64] [--arm64] [--electron PATH]

Makes the packages of this system in dist/packages, or says what that lacks.

  TARGET…          AppImage, deb, nsis, dmg or zip (default: all of this system), or dir for a folder
  --x64, --arm64   for which processors (default: this one)
  --electron PATH  a folder or zip with Electron's binary, instead of fetching it
`;

const PLATFORMS = { linux: Platform.LINUX, win32: Platform.WINDOWS, darwin: Platform.MAC } as const;

process.exitCode = await main();

async function main(): Promise<number> {
  const given = readArguments();
  if (given === null) return 2;
  const { values, positionals } = given;
  if (values.help === true) {
    process.stdout.write(USAGE);
    return 0;
  }
  const platform = process.platform as PackagingPlatform;
  if (!(platform in TARGETS)) {
    say(`Packages are made on Linux, macOS and Windows, each its own; this is ${platform}.`);
    return 2;
  }
  const known: readonly TargetName[] = TARGETS[platform];
  const unknown = positionals.filter((name) => name !== 'dir' && !known.includes(name as TargetName));
  if (unknown.length > 0) {
    say(`On this system ${[...known, 'dir'].join(', ')} can be made, not ${unknown.join(' and ')}.`);
    return 2;
  }
  const targets = positionals.length > 0 ? (positionals as TargetName[]) : known;
  const chosen = ARCHITECTURES.filter((name) => values[name] === true);
  const architectures = chosen.length > 0 ? chosen : [process.arch as Architecture];
  const electronPath = values.electron ?? (await downloadedElectron(architectures));
  const needs = await findNeeds({ root, platform, architectures, targets, electronPath, environment: process.env });
  for (const { lack, remedy, isFatal } of needs)
    say(`${isFatal ? 'Lacking' : 'Note'}: ${lack}.\n  To mend it: ${remedy}`);
  if (needs.some(({ isFatal }) => isFatal)) {
    say('No package was made.');
    return 1;
  }
  try {
    for (const architecture of architectures) await addNatives({ root, platform, architecture }, process.env);
  } catch (error) {
    say(
      `The image library for another processor could not be fetched: ${(error as Error).message}\nNo package was made.`,
    );
    return 1;
  }
  await build();
  const { PIXCRAWLER_UPDATE_URL, PIXCRAWLER_HOMEPAGE, PIXCRAWLER_MAINTAINER } = process.env;
  const made = await buildPackages({
    projectDir: root,
    targets: PLATFORMS[platform].createTarget([...targets], ...architectures.map((name) => Arch[name])),
    publish: 'never',
    config: {
      ...(PIXCRAWLER_UPDATE_URL ? {} : { publish: null }),
      ...(PIXCRAWLER_HOMEPAGE ? { extraMetadata: { homepage: PIXCRAWLER_HOMEPAGE } } : {}),
      ...(PIXCRAWLER_MAINTAINER ? { deb: { maintainer: PIXCRAWLER_MAINTAINER } } : {}),
      ...(electronPath === null ? {} : { electronDist: electronPath }),
    },
  });
  for (const path of made) say(path);
  say(`Made in ${join(root, 'dist/packages')}.`);
  return 0;
}

/** @returns null when they are not understood, which has been said */
function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        x64: { type: 'boolean' },
        arm64: { type: 'boolean' },
        electron: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    const [why] = (error as Error).message.split('. To specify');
    say(`${why?.replace(/\.$/, '')}. Expected TARGET…, --x64, --arm64 and --electron PATH.`);
    return null;
  }
}

/** The binary that `npm start` fetched, which is for this machine alone. */
async function downloadedElectron(architectures: readonly Architecture[]): Promise<string | null> {
  const folder = join(root, 'node_modules/electron/dist');
  if (architectures.length !== 1 || architectures[0] !== process.arch) return null;
  return access(join(folder, 'version')).then(
    () => folder,
    () => null,
  );
}
