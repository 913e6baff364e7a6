/** Configuration is one schema: name, type, default, environment variable. */

import { z } from 'zod';

interface SettingDefinition {
  readonly schema: z.ZodType<string | number | boolean>;
  readonly defaultValue: string | number | boolean;
  readonly description: string;
  /** Kept apart from the library, and never told. Default false. */
  readonly isSecret?: true;
}

function define<T extends Record<string, SettingDefinition>>(definitions: T): T {
  return definitions;
}

/** Values come as text, from people, the environment and the database. Nothing is no number. */
function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER) {
  const range = most === Number.MAX_SAFE_INTEGER ? `${least} or more` : `${least} to ${most}`;
  return z
    .string()
    .trim()
    .regex(/^\d+$/, `expected a whole number, ${range}`)
    .transform(Number)
    .pipe(z.int().min(least).max(most));
}

const onOrOff = z.stringbool({ truthy: ['true', 'on', 'yes', '1'], falsy: ['false', 'off', 'no', '0'] });
const url = z.url({ protocol: /^https?$/ });

/** Every setting. The environment variable is PIXCRAWLER_ and the name in capitals with underscores. */
export const SETTINGS = define({
  'sources.openverse.url': {
    schema: url,
    defaultValue: 'https://api.openverse.org',
    description: 'Base address of the Openverse API; /v1/images/ is below it.',
  },
  'sources.openverse.token': {
    schema: z
      .string()
      .max(500)
      .regex(/^[\x21-\x7e]*$/, 'expected an access token, without spaces'),
    defaultValue: '',
    description: 'Access token of the Openverse API, for more requests a minute. Without one it is asked anonymously.',
    isSecret: true,
  },
  'sources.wikimedia.url': {
    schema: url,
    defaultValue: 'https://commons.wikimedia.org',
    description: 'Base address of the Wikimedia Commons API; /w/api.php is below it.',
  },
  'crawl.contact': {
    schema: z
      .string()
      .max(200)
      .regex(/^[\x21-\x7e]*$/, 'expected an address without spaces'),
    defaultValue: '',
    description: 'A web or mail address added to the user agent, so that site owners can reach you.',
  },
  'crawl.concurrency': {
    schema: wholeNumber(1, 256),
    defaultValue: 32,
    description: 'Requests in flight over all hosts.',
  },
  'crawl.perHost': {
    schema: wholeNumber(1, 8),
    defaultValue: 1,
    description: 'Requests in flight to one host.',
  },
  'crawl.delayMs': {
    schema: wholeNumber(0, 300_000),
    defaultValue: 1000,
    description: 'Least milliseconds between the starts of two requests to one host.',
  },
  'crawl.timeoutMs': {
    schema: wholeNumber(1000, 600_000),
    defaultValue: 60_000,
    description: 'Milliseconds one request may take, redirects and body together.',
  },
  'crawl.maxImageBytes': {
    schema: wholeNumber(1024, 1_073_741_824),
    defaultValue: 64_000_000,
    description: 'Larger images are refused.',
  },
  'workers.processes': {
    schema: wholeNumber(0, 64),
    defaultValue: 0,
    description: 'Worker processes that open images; 0 means one a core, fewer when memory is short.',
  },
  'workers.deadlineMs': {
    schema: wholeNumber(500, 120_000),
    defaultValue: 10_000,
    description: 'Milliseconds one image may take to open before it is set aside.',
  },
  'storage.minFreeBytes': {
    schema: wholeNumber(0),
    defaultValue: 500_000_000,
    description: 'Jobs rest while the disk has less free space than this.',
  },
  'storage.waitForSpace': {
    schema: onOrOff,
    defaultValue: true,
    description:
      'Jobs that a full disk stopped go on by themselves when there is space again; otherwise they are paused.',
  },
  'desktop.closeToTray': {
    schema: onOrOff,
    defaultValue: true,
    description: 'Closing the last window of the desktop keeps it, and its jobs, running in the tray.',
  },
  'desktop.startAtLogin': {
    schema: onOrOff,
    defaultValue: false,
    description: 'The desktop starts when you log in, without a window.',
  },
  'desktop.notifications': {
    schema: onOrOff,
    defaultValue: true,
    description:
      'The desktop tells, while it is not in front, when a job has ended or needs attention, or a source fails.',
  },
  'desktop.pauseBelowBatteryPercent': {
    schema: wholeNumber(0, 100),
    defaultValue: 20,
    description: 'On battery below this charge jobs of the desktop rest; 0 means never.',
  },
  'desktop.pauseOnMetered': {
    schema: onOrOff,
    defaultValue: true,
    description: 'Jobs of the desktop rest on a network that is known to be metered.',
  },
  'desktop.pauseOnSuspend': {
    schema: onOrOff,
    defaultValue: true,
    description: 'Jobs of the desktop rest before the computer sleeps, and go on when it wakes.',
  },
  'desktop.checkForUpdates': {
    schema: onOrOff,
    defaultValue: true,
    description: 'The desktop looks for newer versions, fetches them, and installs them when it ends.',
  },
  'desktop.updateChannel': {
    schema: z.enum(['latest', 'beta']),
    defaultValue: 'latest',
    description: 'Which versions the desktop gets: latest, or beta for those that are still being tried.',
  },
  'desktop.keepAwake': {
    schema: onOrOff,
    defaultValue: false,
    description: 'The computer does not fall asleep by itself while a job of the desktop runs.',
  },
});

export type SettingName = keyof typeof SETTINGS;
/** Settings whose value only the core ever sees. */
export type SecretName = {
  [K in SettingName]: (typeof SETTINGS)[K] extends { isSecret: true } ? K : never;
}[SettingName];
export type SettingValue<K extends SettingName> = z.infer<(typeof SETTINGS)[K]['schema']>;

/** `crawl.delayMs` is PIXCRAWLER_CRAWL_DELAY_MS. */
export function environmentVariableOf(name: SettingName): string {
  return `PIXCRAWLER_${name
    .replaceAll('.', '_')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toUpperCase()}`;
}
