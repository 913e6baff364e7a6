/**
 * What browsing, searching and deciding need: facts of the image and of the first origin beside each sample, so that no
 * filter, facet or sort joins; an index for each sort; one index that holds all that facets and histograms look at; words
 * for the text search; and decisions with what they changed.
 */
export const browse = `
ALTER TABLE samples ADD COLUMN format TEXT NOT NULL DEFAULT 'unknown';
ALTER TABLE samples ADD COLUMN short_side INTEGER NOT NULL DEFAULT 0;
ALTER TABLE samples ADD COLUMN aspect_ratio REAL NOT NULL DEFAULT 1;
ALTER TABLE samples ADD COLUMN size_bytes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE samples ADD COLUMN sharpness REAL NOT NULL DEFAULT 0;
ALTER TABLE samples ADD COLUMN brightness REAL NOT NULL DEFAULT 0;
ALTER TABLE samples ADD COLUMN contrast REAL NOT NULL DEFAULT 0;
ALTER TABLE samples ADD COLUMN entropy REAL NOT NULL DEFAULT 0;
ALTER TABLE samples ADD COLUMN source TEXT NOT NULL DEFAULT '';
ALTER TABLE samples ADD COLUMN licence TEXT;
ALTER TABLE samples ADD COLUMN tags TEXT NOT NULL DEFAULT '';
ALTER TABLE samples ADD COLUMN judged_at INTEGER;

UPDATE samples SET format = i.format, short_side = min(i.width, i.height),
  aspect_ratio = max(i.width, i.height) / cast(max(1, min(i.width, i.height)) AS REAL), size_bytes = i.size_bytes,
  sharpness = i.sharpness, brightness = i.brightness, contrast = i.contrast, entropy = i.entropy,
  source = coalesce((SELECT source FROM origins WHERE sample_id = samples.id ORDER BY id LIMIT 1), ''),
  licence = (SELECT licence FROM origins WHERE sample_id = samples.id ORDER BY id LIMIT 1)
FROM images i WHERE i.id = samples.image_id;

DELETE FROM counters WHERE facet IN ('source', 'licence');
INSERT INTO counters (dataset_id, facet, value, count)
  SELECT dataset_id, 'source', source, count(*) FROM samples GROUP BY dataset_id, source;
INSERT INTO counters (dataset_id, facet, value, count)
  SELECT dataset_id, 'licence', coalesce(licence, ''), count(*) FROM samples GROUP BY dataset_id, coalesce(licence, '');

CREATE INDEX samples_facets ON samples (dataset_id, status, reasons, label_id, split, format, source, licence, short_side,
  aspect_ratio, size_bytes, sharpness, brightness, contrast, entropy, created_at, job_id);
CREATE INDEX samples_by_short_side ON samples (dataset_id, short_side);
CREATE INDEX samples_by_size ON samples (dataset_id, size_bytes);
CREATE INDEX samples_by_sharpness ON samples (dataset_id, sharpness);
CREATE INDEX samples_by_brightness ON samples (dataset_id, brightness);
CREATE INDEX samples_by_name ON samples (dataset_id, coalesce(name, '') COLLATE NOCASE);
CREATE INDEX samples_by_job ON samples (job_id) WHERE job_id IS NOT NULL;
CREATE INDEX samples_by_keeper ON samples (keeper_id) WHERE keeper_id IS NOT NULL;

CREATE VIRTUAL TABLE sample_text USING fts5 (words, content = '', contentless_delete = 1,
  tokenize = 'unicode61 remove_diacritics 2');
INSERT INTO sample_text (rowid, words)
  SELECT id, coalesce(caption, '') || char(10) || coalesce(name, '') || char(10) || coalesce(
    (SELECT group_concat(readable_url(page_url), char(10)) FROM origins WHERE sample_id = samples.id), '')
  FROM samples;
CREATE TRIGGER samples_forget_text AFTER DELETE ON samples BEGIN
  DELETE FROM sample_text WHERE rowid = old.id;
END;

CREATE TABLE decisions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  owner_id TEXT NOT NULL,
  dataset_id INTEGER NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  change TEXT NOT NULL,
  undo_facts TEXT NOT NULL,
  count INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  undone_at INTEGER
) STRICT;
CREATE INDEX decisions_by_dataset ON decisions (dataset_id, id);
CREATE INDEX decisions_undoable ON decisions (dataset_id, id) WHERE state = 'done' AND count > 0;
CREATE INDEX decisions_redoable ON decisions (dataset_id, id) WHERE state = 'undone';

CREATE TABLE decision_changes (
  decision_id INTEGER NOT NULL REFERENCES decisions (id) ON DELETE CASCADE,
  sample_id INTEGER NOT NULL REFERENCES samples (id) ON DELETE CASCADE,
  before TEXT NOT NULL,
  after TEXT NOT NULL,
  applied INTEGER NOT NULL,
  PRIMARY KEY (decision_id, sample_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX decision_changes_by_sample ON decision_changes (sample_id, decision_id);
`;
