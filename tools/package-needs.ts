/** What a package of the desktop needs and this machine lacks, found within seconds, in words. */

import { access, readdir, realpath, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join, relative } from 'node:path';
import { ask, binaryAddress, type Environment, electronVersion, isCached } from './electron-binary.ts';
import { missingNatives } from './native-packages.ts';

export const ARCHITECTURES = ['x64', 'arm64'] as const;
export type Architecture = (typeof ARCHITECTURES)[number];

/** What is made on each system: its own packages, since native modules are those that were installed there. */
export const TARGETS = {
  linux: ['AppImage', 'deb'],
  win32: ['nsis'],
  darwin: ['dmg', 'zip'],
} as const;
export type PackagingPlatform = keyof typeof TARGETS;
/** `dir` is the program as a folder, which needs no tools. */
export type TargetName = (typeof TARGETS)[PackagingPlatform][number] | 'dir';

export interface Wish {
  readonly root: string;
  readonly platform: PackagingPlatform;
  readonly architectures: readonly Architecture[];
  readonly targets: readonly TargetName[];
  /** A folder or zip with Electron's binary; null where it is to be fetched. */
  readonly electronPath: string | null;
  readonly environment: Environment;
}

export interface Need {
  /** What is missing and what follows from it. */
  readonly lack: string;
  /** What to do about it. */
  readonly remedy: string;
  /** Whether nothing can be made without it. */
  readonly isFatal: boolean;
}

/** Where electron-builder.yml has packages written. */
const OUTPUT = join('dist', 'packages');
/** Where npm fetches packages from. */
const REGISTRY = 'https://registry.npmjs.org/';
/** Where electron-builder fetches its tools from. */
const TOOLS = 'https://github.com/electron-userland/electron-builder-binaries/releases/download/';
/** How folders of its cache begin that hold the tools of a target. */
const TOOL_FOLDERS: Readonly<Record<Exclude<TargetName, 'dir'>, string>> = {
  AppImage: 'appimage',
  deb: 'fpm',
  nsis: 'nsis',
  dmg: 'dmg',
  zip: '7zip',
};

/** Asks no server longer than four seconds, and all of them at once. */
export async function findNeeds(wish: Wish): Promise<Need[]> {
  const needs = await Promise.all([
    ...wish.architectures.map((architecture) => nativeNeeds(wish, architecture)),
    ...wish.architectures.map((architecture) => electronNeeds(wish, architecture)),
    toolNeeds(wish),
    debianNeeds(wish),
    signingNeeds(wish),
    updateNeeds(wish),
  ]);
  return needs.flat();
}

async function nativeNeeds({ root, platform, environment }: Wish, architecture: Architecture): Promise<Need[]> {
  const missing = await missingNatives({ root, platform, architecture });
  if (missing.length === 0) return [];
  const registry = environment.npm_config_registry || REGISTRY;
  if ((await ask(registry, environment)) !== null) return [];
  return [
    {
      lack: `the image library for ${platform} on ${architecture} is not here, and ${new URL(registry).host} does not answer`,
      remedy: 'go online once, or name a registry in npm_config_registry',
      isFatal: true,
    },
  ];
}

async function electronNeeds(wish: Wish, arch: Architecture): Promise<Need[]> {
  const { root, platform, electronPath, environment } = wish;
  if (electronPath !== null) {
    const lack = await whyNoElectron(wish, electronPath);
    return lack === null ? [] : [{ lack, remedy: 'name its folder or zip', isFatal: true }];
  }
  const version = await electronVersion(root);
  if (version === null) return [{ lack: 'Electron is not installed', remedy: 'npm ci', isFatal: true }];
  const wanted = { version, platform, arch };
  if (await isCached(wanted, environment)) return [];
  const address = binaryAddress(wanted, environment);
  if ((await ask(address, environment))?.ok === true) return [];
  return [
    {
      lack: `Electron ${version} for ${platform} on ${arch} is not here, and ${address} cannot be fetched`,
      remedy: 'go online, name a mirror in ELECTRON_MIRROR, or a folder or zip that has it with --electron PATH',
      isFatal: true,
    },
  ];
}

/** Electron's program in a folder that has it, as its zip lays it out. */
const BINARIES: Readonly<Record<PackagingPlatform, string>> = {
  linux: 'electron',
  win32: 'electron.exe',
  darwin: 'Electron.app/Contents/MacOS/Electron',
};

/** All of a folder is copied into the package: another one would be copied whole, and one around the output without an end. */
async function whyNoElectron({ root, platform }: Wish, path: string): Promise<string | null> {
  const found = await stat(path).catch(() => null);
  if (found === null) return `there is no Electron at ${path}`;
  if (!found.isDirectory()) return path.endsWith('.zip') ? null : `${path} is neither a folder nor a zip`;
  const output = relative(await realpath(path), join(await realpath(root), OUTPUT));
  if (!isAbsolute(output) && !output.startsWith('..')) return `${path} contains ${OUTPUT}, where packages are written`;
  for (const name of ['version', BINARIES[platform]]) {
    if (!(await exists(join(path, name)))) return `${path} is not the folder of Electron: it has no ${name}`;
  }
  return null;
}

async function toolNeeds({ platform, targets, environment }: Wish): Promise<Need[]> {
  const folder = toolCache(platform, environment);
  const kept = await readdir(folder).catch(() => []);
  const missing = targets.filter((target) => {
    if (target === 'dir') return false;
    if (target === 'deb' && environment.USE_SYSTEM_FPM === 'true') return false;
    return !kept.some((name) => name.toLowerCase().startsWith(TOOL_FOLDERS[target]));
  });
  if (missing.length === 0) return [];
  const mirror =
    environment.npm_config_electron_builder_binaries_mirror || environment.ELECTRON_BUILDER_BINARIES_MIRROR || TOOLS;
  if ((await ask(mirror, environment)) !== null) return [];
  return [
    {
      lack: `the tools that make ${missing.join(' and ')} are not here, and ${new URL(mirror).host} does not answer`,
      remedy: 'go online once, or name a mirror in ELECTRON_BUILDER_BINARIES_MIRROR',
      isFatal: true,
    },
  ];
}

function toolCache(platform: PackagingPlatform, environment: Environment): string {
  if (environment.ELECTRON_BUILDER_CACHE) return environment.ELECTRON_BUILDER_CACHE;
  if (platform === 'darwin') return join(homedir(), 'Library/Caches/electron-builder');
  if (platform === 'win32') return join(environment.LOCALAPPDATA || homedir(), 'electron-builder/Cache');
  return join(environment.XDG_CACHE_HOME || join(homedir(), '.cache'), 'electron-builder');
}

function debianNeeds({ targets, environment }: Wish): Need[] {
  if (!targets.includes('deb')) return [];
  return (
    [
      ['PIXCRAWLER_MAINTAINER', 'a maintainer', '"Name <mail address>"'],
      ['PIXCRAWLER_HOMEPAGE', 'a home page', 'its address'],
    ] as const
  )
    .filter(([variable]) => !environment[variable])
    .map(([variable, what, value]) => ({
      lack: `a package for Debian must name ${what}`,
      remedy: `set ${variable} to ${value}, or make another: npm run package -- AppImage`,
      isFatal: true,
    }));
}

function signingNeeds({ platform, environment }: Wish): Need[] {
  const { CSC_LINK, CSC_NAME, WIN_CSC_LINK } = environment;
  if (platform === 'linux') return [];
  const isSigned = platform === 'darwin' ? CSC_LINK || CSC_NAME : WIN_CSC_LINK || CSC_LINK;
  const needs: Need[] = [];
  if (!isSigned) {
    needs.push({
      lack: 'no certificate is named, so it may not be signed: systems will warn of it, and it will not update itself',
      remedy: 'set CSC_LINK to the certificate and CSC_KEY_PASSWORD to its password',
      isFatal: false,
    });
  }
  const { APPLE_API_KEY, APPLE_ID, APPLE_KEYCHAIN_PROFILE } = environment;
  if (platform === 'darwin' && !APPLE_API_KEY && !APPLE_ID && !APPLE_KEYCHAIN_PROFILE) {
    needs.push({
      lack: 'no account of Apple is named, so it will not be notarized: macOS will not open it elsewhere',
      remedy: 'set APPLE_API_KEY, APPLE_API_KEY_ID and APPLE_API_ISSUER',
      isFatal: false,
    });
  }
  return needs;
}

function updateNeeds({ environment }: Wish): Need[] {
  if (environment.PIXCRAWLER_UPDATE_URL) return [];
  return [
    {
      lack: 'no address for updates is named, so it will not look for any',
      remedy: 'set PIXCRAWLER_UPDATE_URL to where packages will be published',
      isFatal: false,
    },
  ];
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
