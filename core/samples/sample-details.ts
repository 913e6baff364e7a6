/** All that is known of one sample: its measurements against the rules in force, and what has happened to it. */

import type { SampleDetails } from '../../shared/contract/samples.ts';
import type { CoreServices } from '../core-services.ts';
import { DecisionRepository } from '../decisions/decision-repository.ts';
import type { SampleFields } from '../decisions/sample-fields.ts';
import { DuplicateRepository } from '../duplicates/duplicate-repository.ts';
import { factsOf } from '../images/image-facts.ts';
import { checksOf } from '../judge/checks.ts';
import type { SampleImage } from './sample-repository.ts';

type HistoryEntry = SampleDetails['history'][number];
type FieldChange = HistoryEntry['changes'][number];

/** @throws AppError `not-found` */
export function readSampleDetails(services: CoreServices, id: number): SampleDetails {
  const { database, ownerId, reader, ruleSets, samples } = services;
  const sample = samples.get(id);
  const image = samples.getImage(id);
  const duplicates = new DuplicateRepository(database, ownerId, reader, samples);
  const facts = factsOf(image);
  const { measurements } = facts;
  return {
    sample,
    measurements: {
      brightness: measurements.brightness,
      brightnessPercentiles: [
        measurements.brightnessP1,
        measurements.brightnessP5,
        measurements.brightnessP50,
        measurements.brightnessP95,
        measurements.brightnessP99,
      ],
      contrast: measurements.contrast,
      entropy: measurements.entropy,
      colourfulness: measurements.colourfulness,
      sharpness: measurements.sharpness,
      sharpnessHalf: measurements.sharpnessHalf,
      dHash: hashText(image.d_hash_high, image.d_hash_low),
      pHash: hashText(image.p_hash_high, image.p_hash_low),
    },
    facts: {
      orientation: image.orientation,
      frames: image.frames,
      channels: image.channels,
      bitDepth: image.bit_depth,
      colourSpace: image.colour_space,
      hasAlpha: image.has_alpha === 1,
      hasIccProfile: image.has_icc_profile === 1,
      integrity: image.integrity,
      detail: image.detail,
    },
    checks: checksOf(facts, sample.keeper, ruleSets.chosen()),
    exif: image.exif === null ? {} : (JSON.parse(image.exif) as SampleDetails['exif']),
    history: historyOf(services, sample, image),
    duplicateGroupId: duplicates.findIdOfSample(id, image.keeper_id) ?? null,
  };
}

function hashText(high: number, low: number): string {
  return high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0');
}

function historyOf(services: CoreServices, sample: SampleDetails['sample'], stored: SampleImage): HistoryEntry[] {
  const labels = services.labels.names(sample.datasetId);
  const decisions = new DecisionRepository(services.database, services.ownerId);
  let byRules: Pick<SampleFields, 'status' | 'reasons'> = { status: sample.status, reasons: sample.reasons.join(',') };
  const history: HistoryEntry[] = [];
  for (const { at, undoneAt, before, after, applied } of decisions.changesOfSample(sample.id)) {
    if (applied) byRules = { ...byRules, ...before };
    history.push({ at, event: 'decided', changes: fieldChanges(before, after, labels) });
    if (undoneAt !== null)
      history.push({ at: undoneAt, event: 'undone', changes: fieldChanges(after, before, labels) });
  }
  history.sort((a, b) => b.at - a.at);
  const { status, reasons } = byRules;
  history.push(
    {
      at: stored.judged_at ?? sample.createdAt,
      event: 'judged',
      changes: fieldChanges({}, { status, reasons }, labels),
    },
    { at: sample.createdAt, event: 'added', changes: [{ field: 'source', from: null, to: stored.source }] },
  );
  return history.sort((a, b) => b.at - a.at);
}

/** What people can read of a change; who decided and which keeper is named follow from the rest. */
function fieldChanges(
  from: Partial<SampleFields>,
  to: Partial<SampleFields>,
  labels: ReadonlyMap<number, string>,
): FieldChange[] {
  const texts = (fields: Partial<SampleFields>): Record<string, string | null> => ({
    status: fields.status ?? null,
    reasons: (fields.reasons ?? '') === '' ? null : (fields.reasons as string).replaceAll(',', ', '),
    label: fields.labelId == null ? null : (labels.get(fields.labelId) ?? null),
    split: fields.split ?? null,
    caption: fields.caption ?? null,
    tags: (fields.tags?.length ?? 0) === 0 ? null : (fields.tags as readonly string[]).join(', '),
  });
  const [before, after] = [texts(from), texts(to)];
  return Object.keys(after)
    .map((field) => ({ field, from: before[field] ?? null, to: after[field] ?? null }))
    .filter((change) => change.from !== change.to);
}
