/** What a start of the program asks for: arguments, and links that a web page or another program may have made up. */

import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Launch {
  /** Absolute path; null when none was named. */
  readonly dataDirectory: string | null;
  /** Whether no window is wanted, as at login. */
  readonly isHidden: boolean;
  /** Absolute paths of files and folders that exist. */
  readonly paths: readonly string[];
  /** Addresses on the web, as a crawl may start from. */
  readonly links: readonly string[];
  /** A place of the interface, such as `/jobs/3`; null when none was asked for. */
  readonly place: string | null;
  /** What was not understood, without what may be secret in it: for the log. */
  readonly ignored: readonly string[];
}

export interface LaunchSurroundings {
  /** Absolute; what relative paths are below. */
  readonly workingDirectory: string;
  readonly exists: (path: string) => boolean;
}

/** What a `pixcrawler:` link leads to. Never a path on this machine. */
export type LinkTarget = { readonly place: string } | { readonly link: string };

/** Longer links are nobody's. */
const MAX_LINK_CHARACTERS = 8_192;
/** The contract takes no longer ones as sources of a crawl. */
const MAX_ADDRESS_CHARACTERS = 4_096;
const MAX_LOGGED_CHARACTERS = 100;
const OWN_LINK = /^pixcrawler:/i;
const WEB_LINK = /^https?:\/\//i;
const DATASET = /^pixcrawler:\/\/dataset\/([1-9]\d{0,14})(?:\/(browse|collect|review|export))?\/?$/i;
const JOB = /^pixcrawler:\/\/job\/([1-9]\d{0,14})\/?$/i;
const COLLECT = /^pixcrawler:\/\/collect\/?\?url=([^&#]+)$/i;

export const NOTHING: Launch = {
  dataDirectory: null,
  isHidden: false,
  paths: [],
  links: [],
  place: null,
  ignored: [],
};

/**
 * Understands arguments: `--data-dir DIR`, `--hidden`, files and folders, addresses on the web, and `pixcrawler:` links.
 * Other options are Electron's or Chromium's and are passed over. After a link, which a stranger may have written, nothing
 * else counts: its text may have been taken apart into arguments on its way here.
 * @param given without the program itself
 */
export function parseLaunch(given: readonly string[], surroundings: LaunchSurroundings): Launch {
  const { workingDirectory, exists } = surroundings;
  let launch = NOTHING;
  const ignore = (text: string) => {
    launch = { ...launch, ignored: [...launch.ignored, withoutSecrets(text)] };
  };
  for (let at = 0; at < given.length; at++) {
    const argument = given[at] as string;
    if (OWN_LINK.test(argument)) {
      for (const rest of given.slice(at + 1)) ignore(rest);
      return withLink(launch, argument);
    }
    if (argument === '--hidden') launch = { ...launch, isHidden: true };
    else if (argument === '--data-dir' || argument.startsWith('--data-dir=')) {
      const isApart = argument === '--data-dir';
      const named = isApart ? given[at + 1] : argument.slice('--data-dir='.length);
      if (named === undefined || named === '' || OWN_LINK.test(named)) ignore(argument);
      else {
        launch = { ...launch, dataDirectory: resolve(workingDirectory, named) };
        if (isApart) at++;
      }
    } else if (argument.startsWith('-') || argument === '') continue;
    else if (WEB_LINK.test(argument)) launch = withWebLink(launch, argument);
    else {
      const path = localPath(argument, workingDirectory);
      if (path !== null && exists(path)) launch = { ...launch, paths: [...launch.paths, path] };
      else ignore(argument);
    }
  }
  return launch;
}

/** A link alone, as macOS hands it over. */
export function parseOpenedLink(text: string): Launch {
  return OWN_LINK.test(text) ? withLink(NOTHING, text) : { ...NOTHING, ignored: [withoutSecrets(text)] };
}

/** null for what leads nowhere. */
export function parseLink(text: string): LinkTarget | null {
  if (text.length > MAX_LINK_CHARACTERS) return null;
  const dataset = DATASET.exec(text);
  if (dataset !== null) return { place: `/datasets/${dataset[1]}/${dataset[2]?.toLowerCase() ?? 'browse'}` };
  const job = JOB.exec(text);
  if (job !== null) return { place: `/jobs/${job[1]}` };
  const address = webAddress(decoded(COLLECT.exec(text)?.[1] ?? ''));
  return address === null ? null : { link: address };
}

function withLink(launch: Launch, text: string): Launch {
  const target = parseLink(text);
  if (target === null) return { ...launch, ignored: [...launch.ignored, withoutSecrets(text)] };
  if ('place' in target) return { ...launch, place: target.place };
  return { ...launch, links: [...launch.links, target.link] };
}

function withWebLink(launch: Launch, text: string): Launch {
  const address = webAddress(text);
  if (address === null) return { ...launch, ignored: [...launch.ignored, withoutSecrets(text)] };
  return { ...launch, links: [...launch.links, address] };
}

function webAddress(text: string): string | null {
  if (text.length > MAX_ADDRESS_CHARACTERS || !WEB_LINK.test(text)) return null;
  return URL.parse(text)?.href ?? null;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}

/** Desktops of Linux hand files over as addresses. */
function localPath(text: string, workingDirectory: string): string | null {
  if (!/^file:/i.test(text)) return resolve(workingDirectory, text);
  try {
    const url = new URL(text);
    // Another machine's files are not opened because somebody named them.
    return url.host === '' ? fileURLToPath(url) : null;
  } catch {
    return null;
  }
}

/** Without query and fragment, and short. */
function withoutSecrets(text: string): string {
  return text.replace(/[?#].*$/s, '').slice(0, MAX_LOGGED_CHARACTERS);
}
