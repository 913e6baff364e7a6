import { csvLine } from './csv.ts';
import type { ExportPlan, ExportSample, StoredFileProblem } from './export-types.ts';

/** Version of the layout that `manifest.json` describes. */
const MANIFEST_VERSION = 1;
const MAX_CARD_LABELS = 200;

/** What is counted while writing. */
export class Counts {
  images = 0;
  bytes = 0;
  readonly byLabel = new Map<string, number>();
  readonly bySplit = new Map<string, number>();
  readonly byLicence = new Map<string, number>();
  leftOut = 0;
  readonly leftOutByReason = new Map<string, number>();

  add(sample: ExportSample): void {
    this.images += 1;
    this.bytes += sample.bytes;
    increment(this.byLabel, sample.label ?? '');
    increment(this.bySplit, sample.split ?? '');
    increment(this.byLicence, sample.origins[0]?.licence ?? '');
  }
}

export function increment(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** Sorted by key, so that it does not depend on the order of arrival. */
export function toRecord<T>(counts: ReadonlyMap<string, T>): Record<string, T> {
  const entries = [...counts].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Object.fromEntries(entries);
}

export const ATTRIBUTION_HEADER = csvLine([
  'file_name',
  'sha256',
  'creator',
  'license',
  'attribution',
  'page_url',
  'image_url',
  'source',
]);

/** One line for each origin: whoever uses the images owes the credit to all of them. */
export function attributionLines(sample: ExportSample, fileName: string): string {
  let text = '';
  for (const { creator, licence, attribution, pageUrl, imageUrl, source } of sample.origins) {
    text += csvLine([fileName, sample.sha256, creator, licence, attribution, pageUrl, imageUrl, source]);
  }
  return text;
}

export const LEFT_OUT_HEADER = csvLine([
  'sha256',
  'label',
  'original_name',
  'reason',
  'page_url',
  'image_url',
  'source',
]);

/** One line for each origin, as any of them may give the image again; one without when there is none. */
export function leftOutLines(sample: ExportSample, reason: StoredFileProblem): string {
  const facts = [sample.sha256, sample.label, sample.name, reason];
  if (sample.origins.length === 0) return csvLine([...facts, null, null, null]);
  return sample.origins.map(({ pageUrl, imageUrl, source }) => csvLine([...facts, pageUrl, imageUrl, source])).join('');
}

/** The only file that names the product's version. It holds no time, so that equal datasets make equal exports. */
export function manifest(
  plan: ExportPlan,
  counts: Counts,
  folders: ReadonlyMap<string, string>,
  documents: readonly string[],
): string {
  const labels = [
    ...new Set([...plan.dataset.labels, ...[...counts.byLabel.keys()].filter((label) => label !== '')]),
  ].sort();
  const content = {
    format: 'pixcrawler-export',
    formatVersion: MANIFEST_VERSION,
    product: { name: 'PixCrawler', version: plan.productVersion },
    dataset: { name: plan.dataset.name },
    layout: plan.format,
    images: counts.images,
    bytes: counts.bytes,
    leftOut: counts.leftOut,
    labels: labels.map((label) => ({
      label,
      folder: folders.get(label) ?? null,
      images: counts.byLabel.get(label) ?? 0,
    })),
    bySplit: toRecord(counts.bySplit),
    byLicence: toRecord(counts.byLicence),
    documents,
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}

/** The dataset card; its front matter is that of Hugging Face (hub-docs "datasetcard.md"). */
export function card(plan: ExportPlan, counts: Counts): string {
  const name = plan.dataset.name;
  const hasLabels = [...counts.byLabel.keys()].some((label) => label !== '');
  const lines = [
    '---',
    `pretty_name: ${JSON.stringify(name)}`,
    'license: other',
    'license_name: per-image',
    'license_link: ATTRIBUTION.csv',
    `size_categories:\n- ${sizeCategory(counts.images)}`,
    ...(hasLabels ? ['task_categories:\n- image-classification'] : []),
    '---',
    '',
    `# ${inline(name)}`,
    '',
    `${counts.images} images, ${counts.bytes} bytes. Collected with PixCrawler. Every image has its own licence: see \`ATTRIBUTION.csv\`.`,
    '',
    ...(counts.leftOut === 0
      ? []
      : [
          `${counts.leftOut} images are not here, because their stored files were missing or damaged: see \`LEFT-OUT.csv\`.`,
          '',
        ]),
    ...table('Split', counts.bySplit, 'no split'),
    ...table('Label', counts.byLabel, 'no label'),
    ...table('Licence', counts.byLicence, 'unknown'),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

function table(title: string, counts: ReadonlyMap<string, number>, whenNone: string): string[] {
  const rows = Object.entries(toRecord(counts));
  if (rows.length === 0) return [];
  const shown = rows
    .slice(0, MAX_CARD_LABELS)
    .map(([key, count]) => `| ${key === '' ? whenNone : inline(key)} | ${count} |`);
  const rest = rows.length - shown.length;
  return [
    `| ${title} | Images |`,
    '| --- | ---: |',
    ...shown,
    ...(rest > 0 ? ['', `And ${rest} more: see \`manifest.json\`.`] : []),
    '',
  ];
}

/** Text that cannot leave its line or its cell, nor start markup. */
function inline(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').replace(/[\\`*_{}[\]<>#|!&~]/g, '\\$&');
}

function sizeCategory(images: number): string {
  const limits = [1e3, 1e4, 1e5, 1e6, 1e7];
  const names = ['n<1K', '1K<n<10K', '10K<n<100K', '100K<n<1M', '1M<n<10M', '10M<n<100M'];
  const index = limits.findIndex((limit) => images < limit);
  return names[index === -1 ? limits.length : index] as string;
}
