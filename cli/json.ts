/** Objects of the contract as the command line prints them. */

import type { Sample } from '../shared/contract/samples.ts';

/** Times of day, which the contract carries as milliseconds in fields named `…At`, as ISO 8601 text. */
export function withTimes<T extends object>(value: T): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [
      name,
      name.endsWith('At') && typeof field === 'number' ? new Date(field).toISOString() : field,
    ]),
  );
}

/** A sample: first the fields that programs rely on, then the rest. */
export function sampleObject(sample: Sample) {
  return {
    sha256: sample.sha256,
    label: sample.label,
    status: sample.status,
    reasons: sample.reasons,
    width: sample.width,
    height: sample.height,
    format: sample.format,
    bytes: sample.bytes,
    origins: sample.origins.map(({ source, pageUrl, imageUrl, licence, creator, consent, fetchedAt }) => ({
      source,
      pageUrl,
      imageUrl,
      licence,
      creator,
      consent,
      fetchedAt: new Date(fetchedAt).toISOString(),
    })),
    id: sample.id,
    split: sample.split,
    caption: sample.caption,
    name: sample.name,
    keeper: sample.keeper,
  };
}
