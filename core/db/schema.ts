/** Rows as they lie in the database. Column names are snake_case in SQL; Kysely's camel-case plugin is not used, so that raw and built statements read the same. */

import type { Generated } from 'kysely';
import type { JobKind, JobState, SampleStatus, Split } from '../../shared/vocabulary.ts';

interface ProjectTable {
  id: Generated<number>;
  owner_id: string;
  /** `trash:ID` while it is in the trash, so that its name is free. */
  name: string;
  trashed_at: number | null;
  trashed_name: string | null;
  created_at: number;
  updated_at: number;
}

interface DatasetTable {
  id: Generated<number>;
  owner_id: string;
  project_id: number;
  /** `trash:ID` while it is in the trash, so that its name is free. */
  name: string;
  trashed_at: number | null;
  trashed_name: string | null;
  /** The dataset whose crawl is tried in this one, which no list shows. */
  trial_of: number | null;
  created_at: number;
  updated_at: number;
}

interface LabelTable {
  id: Generated<number>;
  owner_id: string;
  dataset_id: number;
  name: string;
}

/** One row per distinct content, with its measurements. */
export interface ImageTable {
  id: Generated<number>;
  owner_id: string;
  sha256: Buffer;
  size_bytes: number;
  format: string;
  width: number;
  height: number;
  orientation: number;
  frames: number;
  channels: number;
  bit_depth: number;
  colour_space: string;
  has_alpha: number;
  has_icc_profile: number;
  integrity: 'ok' | 'damaged';
  detail: string | null;
  exif: string | null;
  brightness_p1: number;
  brightness_p5: number;
  brightness_p50: number;
  brightness_p95: number;
  brightness_p99: number;
  brightness: number;
  contrast: number;
  entropy: number;
  colourfulness: number;
  sharpness: number;
  sharpness_half: number;
  dominant_colour: number;
  d_hash_high: number;
  d_hash_low: number;
  p_hash_high: number;
  p_hash_low: number;
  created_at: number;
}

/** An image's place in a dataset. */
interface SampleTable {
  id: Generated<number>;
  owner_id: string;
  dataset_id: number;
  image_id: number;
  label_id: number | null;
  split: Split | null;
  status: SampleStatus;
  decided_by: 'rules' | 'user';
  /** Comma-separated findings; empty when there are none. */
  reasons: string;
  /** The kept sample this one nearly repeats. */
  keeper_id: number | null;
  keeper_distance: number | null;
  caption: string | null;
  name: string | null;
  /** The job that added it. */
  job_id: number | null;
  rule_set_id: number | null;
  /** Of its image, as are the numbers below: a filter, facet or sort then needs no join. */
  format: string;
  short_side: number;
  /** Long side by short side. */
  aspect_ratio: number;
  size_bytes: number;
  sharpness: number;
  brightness: number;
  contrast: number;
  entropy: number;
  /** Of its first origin. */
  source: string;
  /** Of its first origin; null when not known. */
  licence: string | null;
  /** A JSON array; empty when there are none. */
  tags: string;
  /** When rules last changed their verdict; null while it is that of its arrival. */
  judged_at: number | null;
  created_at: number;
  updated_at: number;
}

/** One row per reason of a sample, so that a filter by reason is an index range. */
interface SampleReasonTable {
  dataset_id: number;
  reason: string;
  sample_id: number;
}

interface OriginTable {
  id: Generated<number>;
  owner_id: string;
  sample_id: number;
  job_id: number | null;
  source: string;
  page_url: string | null;
  image_url: string;
  licence: string | null;
  creator: string | null;
  attribution: string | null;
  consent: string;
  http_status: number | null;
  fetched_at: number;
}

export type RequestKind = 'page' | 'image' | 'sitemap' | 'api' | 'list' | 'folder' | 'archive' | 'file';
export type RequestState = 'waiting' | 'done' | 'duplicate' | 'refused' | 'failed';

/** The crawl ledger: one row per address of a job. */
interface RequestTable {
  id: Generated<number>;
  owner_id: string;
  job_id: number;
  kind: RequestKind;
  state: RequestState;
  url: string;
  /** First 16 bytes of SHA-256 over kind group and address; unique in a job. */
  url_digest: Buffer;
  /** 0 for what is on this machine. */
  site_id: number;
  /** Lower goes first: 0 what finds much, 1 images, 2 further pages. */
  lane: number;
  depth: number;
  attempts: number;
  /** Times its bytes were open when a process died. */
  suspicion: number;
  due_at: number;
  reason: string | null;
  detail: string | null;
  http_status: number | null;
  image_id: number | null;
  /** JSON: what was known where it was found. */
  meta: string | null;
  settled_at: number | null;
}

/** One row per site (scheme, host and port) and owner. */
interface HostTable {
  id: Generated<number>;
  owner_id: string;
  site: string;
  /** JSON of the consent keeper; null until asked. */
  consent: string | null;
  /** JSON of the politeness schedule; null until used. */
  schedule: string | null;
  updated_at: number;
}

interface JobTable {
  id: Generated<number>;
  owner_id: string;
  dataset_id: number;
  kind: JobKind;
  state: JobState;
  parameters: string;
  parameters_digest: string;
  progress: number;
  counts: string;
  reasons: string;
  error: string | null;
  result: string | null;
  created_at: number;
  started_at: number | null;
  finished_at: number | null;
  active_ms: number;
}

interface JobEventTable {
  id: Generated<number>;
  job_id: number;
  at: number;
  level: 'info' | 'warning' | 'error';
  message: string;
}

interface DuplicateGroupTable {
  id: Generated<number>;
  owner_id: string;
  dataset_id: number;
  keeper_id: number;
  member_count: number;
  created_at: number;
}

/** The first three are on their way; a core that died left them half done, and what is done of them can be undone. */
export type DecisionState = 'applying' | 'undoing' | 'redoing' | 'done' | 'undone' | 'forgotten';

export type DecisionKind = 'change' | 'choose-keeper' | 'keep-all';

/** What a person decided; the newest undoable and redoable ones make the undo stack of a dataset. */
interface DecisionTable {
  id: Generated<number>;
  owner_id: string;
  dataset_id: number;
  kind: DecisionKind;
  state: DecisionState;
  /** JSON: what was decided, as people are told. */
  change: string;
  /** JSON: what taking it back and doing it again need beyond the changed samples. */
  undo_facts: string;
  /** Samples that it changed. */
  count: number;
  created_at: number;
  undone_at: number | null;
}

interface DecisionChangeTable {
  decision_id: number;
  sample_id: number;
  /** JSON of the fields that differ, as they were and as they became. */
  before: string;
  after: string;
  /** 1 while the sample is as it became. */
  applied: number;
}

interface RuleSetTable {
  id: Generated<number>;
  owner_id: string;
  digest: string;
  rules: string;
  created_at: number;
}

interface SettingTable {
  owner_id: string;
  name: string;
  value: string;
}

/** Counts the writer keeps in the transaction that changes them. */
interface CounterTable {
  dataset_id: number;
  facet: string;
  value: string;
  count: number;
}

export interface DatabaseSchema {
  projects: ProjectTable;
  datasets: DatasetTable;
  labels: LabelTable;
  images: ImageTable;
  samples: SampleTable;
  sample_reasons: SampleReasonTable;
  origins: OriginTable;
  requests: RequestTable;
  hosts: HostTable;
  jobs: JobTable;
  job_events: JobEventTable;
  duplicate_groups: DuplicateGroupTable;
  rule_sets: RuleSetTable;
  settings: SettingTable;
  counters: CounterTable;
  decisions: DecisionTable;
  decision_changes: DecisionChangeTable;
}
