/** The words of the field, as closed unions. Folders of the project never invent synonyms for them. */

/** Formats told by magic bytes. `unknown` is anything else. */
export const IMAGE_FORMATS = ['jpeg', 'png', 'webp', 'gif', 'avif', 'heif', 'tiff', 'bmp', 'svg', 'unknown'] as const;
export type ImageFormat = (typeof IMAGE_FORMATS)[number];

/** File extension written for a format, without the dot. */
export const FORMAT_EXTENSION: Readonly<Record<ImageFormat, string>> = {
  jpeg: 'jpg',
  png: 'png',
  webp: 'webp',
  gif: 'gif',
  avif: 'avif',
  heif: 'heic',
  tiff: 'tif',
  bmp: 'bmp',
  svg: 'svg',
  unknown: 'bin',
};

export const SAMPLE_STATUSES = ['accepted', 'quarantined', 'rejected'] as const;
export type SampleStatus = (typeof SAMPLE_STATUSES)[number];

export const SPLITS = ['train', 'validation', 'test'] as const;
export type Split = (typeof SPLITS)[number];

/** Findings of the rule set: why a sample is quarantined. */
export const FINDINGS = [
  'damaged',
  'too-few-bytes',
  'short-side',
  'aspect-ratio',
  'flat',
  'blurred',
  'under-exposed',
  'over-exposed',
  'near-duplicate',
] as const;
export type Finding = (typeof FINDINGS)[number];

/** Why an image was not kept although it could be had: consent, address, size or type policy. */
export const REFUSALS = [
  'robots-disallowed',
  'robots-unreachable',
  'x-robots-tag',
  'meta-robots',
  'tdm-reserved',
  'ai-txt',
  'address-refused',
  'scheme-refused',
  'too-large',
  'over-budget',
  'too-many-frames',
  'svg-refused',
  'unsupported-format',
  'excluded',
  'out-of-scope',
] as const;
export type Refusal = (typeof REFUSALS)[number];

/**
 * Wishes of a site that a person can choose to go past: robots.txt; `noai`, which is X-Robots-Tag and the robots meta
 * element; reserved rights, by TDM reservation or Content-Usage; ai.txt.
 */
export const CONSENT_OVERRIDES = ['robots', 'noai', 'tdm', 'ai-txt'] as const;
export type ConsentOverride = (typeof CONSENT_OVERRIDES)[number];

/** Why an image could not be fetched or decoded. `http-NNN` stands for an answer with that status. */
export const FAILURES = [
  'timeout',
  'too-slow',
  'dns-failure',
  'connection-refused',
  'connection-reset',
  'tls-error',
  'protocol-error',
  'truncated-body',
  'too-many-redirects',
  'bad-redirect',
  'bad-url',
  'site-in-trouble',
  'empty-file',
  'file-missing',
  'file-damaged',
  'file-unreadable',
  'not-an-image',
  'unreadable',
  'poisoned',
  'deadline',
  'bad-document',
  'page-limit',
] as const;
export type Failure = (typeof FAILURES)[number] | `http-${number}`;

/** The states of a job; the last four are final (`failed` and `cancelled` can be retried). */
export const JOB_STATES = [
  'waiting',
  'active',
  'paused',
  'completed',
  'completed-with-errors',
  'failed',
  'cancelled',
] as const;
export type JobState = (typeof JOB_STATES)[number];

export const JOB_KINDS = ['crawl', 'import', 'validate', 'export', 'duplicate'] as const;
export type JobKind = (typeof JOB_KINDS)[number];

/** What an export is at: it reads the dataset as it is, writes files, and opens what it wrote. */
export const JOB_PHASES = ['reading', 'writing', 'checking'] as const;
export type JobPhase = (typeof JOB_PHASES)[number];

/** What a host sees and the core cannot: the battery is low, bytes cost money, the machine is about to sleep. */
export const HOST_HOLDS = ['battery', 'metered', 'suspend'] as const;
export type HostHold = (typeof HOST_HOLDS)[number];

/** Why no job runs at the moment; `disk` is found by the core: free space is under the floor. */
export const HOLD_REASONS = [...HOST_HOLDS, 'disk'] as const;
export type HoldReason = (typeof HOLD_REASONS)[number];
