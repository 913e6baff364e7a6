/** The rows of a seeded library as SQL, in order; `:count` samples. What looks random follows from a row's number. */

/** Pictures that samples share; see `drawLooks`. */
export const LOOKS_TABLE = `
CREATE TEMP TABLE looks (n INTEGER PRIMARY KEY, width, height, p1, p5, p50, p95, p99, brightness, contrast, entropy,
  colourfulness, sharpness, sharpness_half, colour, findings)`;

/** Numbers from 0 to 1 that look random, three of them a row. */
const NUMBERED = `
  WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count),
  spread AS (SELECT i, ((i * 2654435761) & 4294967295) AS r, ((i * 2246822519 + 374761393) & 4294967295) / 4294967296.0 AS b,
    ((i * 3266489917 + 668265263) & 4294967295) / 4294967296.0 AS c FROM n)`;

const WORDS = `CASE id % 7 WHEN 0 THEN 'at the river' WHEN 1 THEN 'in the reeds' WHEN 2 THEN 'on a branch'
  WHEN 3 THEN 'in flight' WHEN 4 THEN 'with young' WHEN 5 THEN 'in the snow' ELSE 'at dawn' END`;

const SOURCE_PAGE = `CASE s.source
  WHEN 'openverse' THEN 'https://openverse.example/image/' || printf('%08x', s.id * 2654435761 & 4294967295)
  WHEN 'wikimedia' THEN 'https://commons.example/wiki/File:' || l.name || '_' || s.id || '.jpg'
  WHEN 'folder' THEN NULL
  ELSE 'https://site-' || (s.id % 500) || '.example/birds/' || coalesce(l.name, 'unsorted') || '/page-' || (s.id / 20) END`;

export const ROWS: readonly string[] = [
  `${NUMBERED}
   INSERT INTO images (owner_id, sha256, size_bytes, format, width, height, orientation, frames, channels, bit_depth,
     colour_space, has_alpha, has_icc_profile, integrity, detail, exif, brightness_p1, brightness_p5, brightness_p50,
     brightness_p95, brightness_p99, brightness, contrast, entropy, colourfulness, sharpness, sharpness_half,
     dominant_colour, d_hash_high, d_hash_low, p_hash_high, p_hash_low, created_at)
   SELECT 'local', randomblob(32), 0, CASE WHEN b < 0.76 THEN 'jpeg' WHEN b < 0.86 THEN 'png' WHEN b < 0.96 THEN 'webp'
       WHEN b < 0.98 THEN 'gif' ELSE 'avif' END,
     cast(l.width * 0.45 * exp(c * 3.2) AS INTEGER), cast(l.height * 0.45 * exp(c * 3.2) AS INTEGER), 1, 1, 3, 8, 'srgb', 0,
     i % 3 = 0, 'ok', NULL, CASE WHEN b < 0.2 THEN '{"make":"Example","model":"Field ' || (i % 9 + 1) || '","iso":400}' END,
     l.p1, l.p5, l.p50, l.p95, l.p99, l.brightness, l.contrast, l.entropy, l.colourfulness, l.sharpness * (1 + b / 8),
     l.sharpness_half * (1 + b / 8), l.colour, abs(random()) % 4294967296, abs(random()) % 4294967296,
     abs(random()) % 4294967296, abs(random()) % 4294967296,
     :now - cast((:count - i) * (:span / :count) + b * (:span / :count) AS INTEGER)
   FROM spread JOIN looks l ON l.n = spread.r % :looks`,
  // Of a hundred images three repeat the one before them, smaller.
  `UPDATE images SET width = max(1, k.width * (104 - images.id % 100) / 10), height = max(1, k.height * (104 - images.id % 100) / 10),
     brightness = k.brightness, contrast = k.contrast, entropy = k.entropy, sharpness = k.sharpness,
     sharpness_half = k.sharpness_half, brightness_p1 = k.brightness_p1, brightness_p5 = k.brightness_p5,
     brightness_p50 = k.brightness_p50, brightness_p95 = k.brightness_p95, brightness_p99 = k.brightness_p99,
     colourfulness = k.colourfulness, dominant_colour = k.dominant_colour, d_hash_high = k.d_hash_high,
     d_hash_low = k.d_hash_low, p_hash_high = k.p_hash_high,
     p_hash_low = (k.p_hash_low | (1 << images.id % 100 - 96) - 1) - (k.p_hash_low & (1 << images.id % 100 - 96) - 1)
   FROM images k WHERE images.id % 100 > 96 AND k.id = images.id - images.id % 100 + 96`,
  'UPDATE images SET size_bytes = 400 + cast(width * height * (0.06 + (id * 7919 % 1000) / 5000.0) AS INTEGER)',
  `INSERT INTO samples (owner_id, dataset_id, image_id, label_id, split, status, decided_by, reasons, caption, name, tags,
     job_id, format, short_side, aspect_ratio, size_bytes, sharpness, brightness, contrast, entropy, source, licence,
     created_at, updated_at)
   SELECT 'local', 1, id, CASE WHEN id * 2654435761 % 997 % 97 < 9 THEN NULL ELSE 1 + (id * 7919 % 3989 % 400) * (id * 104729 % 4001 % 400) * :labels / 160000 END,
     CASE id * 31 % 1009 % 10 WHEN 0 THEN 'validation' WHEN 1 THEN 'test' WHEN 2 THEN NULL WHEN 3 THEN NULL ELSE 'train' END,
     'accepted', 'rules', '',
     CASE WHEN id % 10 < 3 THEN 'A bird ' || ${WORDS} END,
     CASE WHEN id % 4 = 0 THEN 'IMG_' || printf('%06d', id) || '.JPG' ELSE 'bird-' || id || '.' || format END,
     CASE WHEN id % 11 = 0 THEN '["outdoor","close-up"]' WHEN id % 13 = 0 THEN '["night"]' ELSE '' END,
     1 + (id - 1) * :jobs / :count, format, min(width, height), max(width, height) * 1.0 / max(1, min(width, height)), size_bytes, sharpness,
     brightness, contrast, entropy,
     CASE WHEN id * 48271 % 7919 % 100 < 52 THEN 'web' WHEN id * 48271 % 7919 % 100 < 68 THEN 'openverse' WHEN id * 48271 % 7919 % 100 < 80 THEN 'wikimedia'
       WHEN id * 48271 % 7919 % 100 < 88 THEN 'folder' WHEN id * 48271 % 7919 % 100 < 95 THEN 'sitemap' ELSE 'list' END,
     NULL, created_at, created_at
   FROM images ORDER BY id`,
  `UPDATE samples SET licence = CASE source
     WHEN 'openverse' THEN CASE id % 4 WHEN 0 THEN 'CC BY 4.0' WHEN 1 THEN 'CC BY-SA 4.0' WHEN 2 THEN 'CC0 1.0' ELSE 'CC BY-NC 4.0' END
     WHEN 'wikimedia' THEN CASE id % 3 WHEN 0 THEN 'CC BY-SA 4.0' WHEN 1 THEN 'CC BY-SA 3.0' ELSE 'Public domain' END
     WHEN 'web' THEN CASE WHEN id % 9 = 0 THEN 'CC BY 4.0' END END`,
  // Findings in the order that the judge gives them.
  `UPDATE samples SET reasons = trim(
     CASE WHEN size_bytes < 1024 THEN 'too-few-bytes,' ELSE '' END || CASE WHEN short_side < 100 THEN 'short-side,' ELSE '' END
     || coalesce((SELECT l.findings FROM looks l WHERE l.n = (samples.id * 2654435761 & 4294967295) % :looks), ''), ',')
   WHERE id % 100 <= 96`,
  `UPDATE samples SET reasons = 'near-duplicate', keeper_id = id - id % 100 + 96, keeper_distance = id % 100 - 96
   WHERE id % 100 > 96 AND EXISTS (SELECT 1 FROM samples k WHERE k.id = samples.id - samples.id % 100 + 96 AND k.reasons = '')
     AND short_side >= 100 AND size_bytes >= 1024`,
  `UPDATE samples SET reasons = trim(CASE WHEN size_bytes < 1024 THEN 'too-few-bytes,' ELSE '' END
     || CASE WHEN short_side < 100 THEN 'short-side' ELSE '' END, ',')
   WHERE id % 100 > 96 AND keeper_id IS NULL`,
  `UPDATE samples SET status = 'quarantined' WHERE reasons <> ''`,
  `UPDATE samples SET status = CASE WHEN id % 50 = 7 THEN 'rejected' ELSE 'accepted' END, decided_by = 'user', keeper_id = NULL,
     keeper_distance = NULL WHERE id % 50 = 7 OR (id % 25 = 12 AND status = 'quarantined')`,
  `INSERT INTO sample_reasons (dataset_id, reason, sample_id)
   SELECT s.dataset_id, r.value, s.id FROM samples s, json_each('["' || replace(s.reasons, ',', '","') || '"]') r
   WHERE s.reasons <> ''`,
  `INSERT INTO duplicate_groups (owner_id, dataset_id, keeper_id, member_count, created_at)
   SELECT 'local', 1, keeper_id, count(*), max(created_at) FROM samples WHERE keeper_id IS NOT NULL GROUP BY keeper_id`,
  `INSERT INTO origins (owner_id, sample_id, job_id, source, page_url, image_url, licence, creator, attribution, consent,
     http_status, fetched_at)
   SELECT 'local', s.id, s.job_id, s.source, ${SOURCE_PAGE},
     CASE s.source WHEN 'folder' THEN 'file:///pictures/' || s.name
       ELSE 'https://site-' || (s.id % 500) || '.example/images/' || s.id || '.jpg' END, s.licence,
     CASE WHEN s.licence LIKE 'CC BY%' THEN 'Photographer ' || (s.id % 900) END, NULL,
     '{"verdict":"allowed","signals":[]}', CASE WHEN s.source = 'folder' THEN NULL ELSE 200 END, s.created_at
   FROM samples s LEFT JOIN labels l ON l.id = s.label_id`,
  `INSERT INTO requests (owner_id, job_id, kind, state, url, url_digest, site_id, lane, depth, attempts, http_status,
     image_id, meta, settled_at)
   SELECT 'local', job_id, CASE WHEN source = 'folder' THEN 'file' ELSE 'image' END, 'done', image_url, randomblob(16),
     source <> 'folder', 1, 0, 1, http_status, sample_id, '{"source":"' || source || '"}', fetched_at
   FROM origins`,
  `INSERT INTO sample_text (rowid, words)
   SELECT s.id, coalesce(s.caption, '') || char(10) || coalesce((SELECT group_concat(value, char(10)) FROM json_each(nullif(s.tags, ''))), '')
     || char(10) || s.name || char(10) || coalesce(readable_url(o.page_url), '')
   FROM samples s JOIN origins o ON o.sample_id = s.id`,
];

/** The labels of the seeded dataset, the commonest first. */
export const LABELS = [
  'sparrow',
  'heron',
  'kingfisher',
  'wren',
  'robin',
  'magpie',
  'jay',
  'swift',
  'swallow',
  'stork',
  'crane',
  'osprey',
  'kestrel',
  'buzzard',
  'barn owl',
  'tawny owl',
  'woodpecker',
  'nuthatch',
  'goldcrest',
  'wagtail',
] as const;
