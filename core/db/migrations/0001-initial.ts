/** The first schema: projects to samples, the crawl ledger, jobs and counters. */
export const initial = `
CREATE TABLE projects (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  owner_id TEXT NOT NULL,
  name TEXT NOT NULL COLLATE NOCASE,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  UNIQUE (owner_id, name)
) STRICT;

CREATE TABLE datasets (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  owner_id TEXT NOT NULL,
  project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
  name TEXT NOT NULL COLLATE NOCASE,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  UNIQUE (project_id, name)
) STRICT;

CREATE TABLE labels (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  owner_id TEXT NOT NULL,
  dataset_id INTEGER NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  UNIQUE (dataset_id, name)
) STRICT;

CREATE TABLE rule_sets (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  owner_id TEXT NOT NULL,
  digest TEXT NOT NULL,
  rules TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  UNIQUE (owner_id, digest)
) STRICT;

CREATE TABLE jobs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  owner_id TEXT NOT NULL,
  dataset_id INTEGER NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  parameters TEXT NOT NULL,
  parameters_digest TEXT NOT NULL,
  progress REAL NOT NULL DEFAULT 0,
  counts TEXT NOT NULL,
  reasons TEXT NOT NULL,
  error TEXT,
  result TEXT,
  created_at INTEGER NOT NULL,
  started_at INTEGER,
  finished_at INTEGER,
  active_ms INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX jobs_by_dataset ON jobs (dataset_id, kind, parameters_digest);
CREATE INDEX jobs_by_state ON jobs (state, id);

CREATE TABLE job_events (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  job_id INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
  at INTEGER NOT NULL,
  level TEXT NOT NULL,
  message TEXT NOT NULL
) STRICT;
CREATE INDEX job_events_by_job ON job_events (job_id, id);

CREATE TABLE images (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  owner_id TEXT NOT NULL,
  sha256 BLOB NOT NULL,
  size_bytes INTEGER NOT NULL,
  format TEXT NOT NULL,
  width INTEGER NOT NULL,
  height INTEGER NOT NULL,
  orientation INTEGER NOT NULL,
  frames INTEGER NOT NULL,
  channels INTEGER NOT NULL,
  bit_depth INTEGER NOT NULL,
  colour_space TEXT NOT NULL,
  has_alpha INTEGER NOT NULL,
  has_icc_profile INTEGER NOT NULL,
  integrity TEXT NOT NULL,
  detail TEXT,
  exif TEXT,
  brightness_p1 REAL NOT NULL,
  brightness_p5 REAL NOT NULL,
  brightness_p50 REAL NOT NULL,
  brightness_p95 REAL NOT NULL,
  brightness_p99 REAL NOT NULL,
  brightness REAL NOT NULL,
  contrast REAL NOT NULL,
  entropy REAL NOT NULL,
  colourfulness REAL NOT NULL,
  sharpness REAL NOT NULL,
  sharpness_half REAL NOT NULL,
  dominant_colour INTEGER NOT NULL,
  d_hash_high INTEGER NOT NULL,
  d_hash_low INTEGER NOT NULL,
  p_hash_high INTEGER NOT NULL,
  p_hash_low INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX images_by_content ON images (sha256, owner_id);

CREATE TABLE samples (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  owner_id TEXT NOT NULL,
  dataset_id INTEGER NOT NULL REFERENCES datasets (id),
  image_id INTEGER NOT NULL REFERENCES images (id),
  label_id INTEGER REFERENCES labels (id),
  split TEXT,
  status TEXT NOT NULL,
  decided_by TEXT NOT NULL,
  reasons TEXT NOT NULL,
  keeper_id INTEGER,
  keeper_distance INTEGER,
  caption TEXT,
  name TEXT,
  job_id INTEGER,
  rule_set_id INTEGER REFERENCES rule_sets (id),
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX samples_by_image ON samples (image_id, dataset_id);
CREATE INDEX samples_by_dataset ON samples (dataset_id, id);
CREATE INDEX samples_by_status ON samples (dataset_id, status, id);
CREATE INDEX samples_by_label ON samples (dataset_id, label_id, id);
CREATE INDEX samples_of_label ON samples (label_id) WHERE label_id IS NOT NULL;

CREATE TABLE sample_reasons (
  dataset_id INTEGER NOT NULL,
  reason TEXT NOT NULL,
  sample_id INTEGER NOT NULL REFERENCES samples (id) ON DELETE CASCADE,
  PRIMARY KEY (dataset_id, reason, sample_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX sample_reasons_by_sample ON sample_reasons (sample_id);

CREATE TABLE origins (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  owner_id TEXT NOT NULL,
  sample_id INTEGER NOT NULL REFERENCES samples (id) ON DELETE CASCADE,
  job_id INTEGER,
  source TEXT NOT NULL,
  page_url TEXT,
  image_url TEXT NOT NULL,
  licence TEXT,
  creator TEXT,
  attribution TEXT,
  consent TEXT NOT NULL,
  http_status INTEGER,
  fetched_at INTEGER NOT NULL
) STRICT;
CREATE INDEX origins_by_sample ON origins (sample_id);

CREATE TABLE hosts (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  owner_id TEXT NOT NULL,
  site TEXT NOT NULL,
  consent TEXT,
  schedule TEXT,
  updated_at INTEGER NOT NULL,
  UNIQUE (owner_id, site)
) STRICT;

CREATE TABLE requests (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  owner_id TEXT NOT NULL,
  job_id INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'waiting',
  url TEXT NOT NULL,
  url_digest BLOB NOT NULL,
  site_id INTEGER NOT NULL,
  lane INTEGER NOT NULL,
  depth INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  suspicion INTEGER NOT NULL DEFAULT 0,
  due_at INTEGER NOT NULL DEFAULT 0,
  reason TEXT,
  detail TEXT,
  http_status INTEGER,
  image_id INTEGER,
  meta TEXT,
  settled_at INTEGER
) STRICT;
CREATE UNIQUE INDEX requests_by_url ON requests (job_id, url_digest);
CREATE INDEX requests_waiting ON requests (job_id, site_id, lane, id, kind) WHERE state = 'waiting';
CREATE INDEX requests_failed ON requests (job_id, settled_at, id, reason, kind) WHERE state = 'failed';
CREATE INDEX requests_refused ON requests (job_id, settled_at, id, kind) WHERE state = 'refused';

CREATE TABLE duplicate_groups (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  owner_id TEXT NOT NULL,
  dataset_id INTEGER NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
  keeper_id INTEGER NOT NULL REFERENCES samples (id) ON DELETE CASCADE,
  member_count INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  UNIQUE (keeper_id)
) STRICT;
CREATE INDEX duplicate_groups_by_dataset ON duplicate_groups (dataset_id, id);

CREATE TABLE settings (
  owner_id TEXT NOT NULL,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (owner_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE counters (
  dataset_id INTEGER NOT NULL,
  facet TEXT NOT NULL,
  value TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (dataset_id, facet, value)
) STRICT, WITHOUT ROWID;
`;
