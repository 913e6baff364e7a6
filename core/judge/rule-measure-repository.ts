/** How what the rules look at is spread over a dataset. */

import type { MeasuredRule, RuleHistogram } from '../../shared/contract/rules.ts';
import type { Database } from '../db/database.ts';
import type { DatabaseReader } from '../db/reader.ts';
import { Repository } from '../db/repository.ts';
import { binsOf, linear, logarithmic, MEASURE_SCALE, type MeasureScale } from '../samples/histogram-bins.ts';
import type { SampleRepository } from '../samples/sample-repository.ts';
import { LEAST_CONTRAST_TO_BE_BLURRED } from './judge.ts';

interface RuleMeasure {
  /** Of `samples s` and, where it is not there, of `images i`. */
  readonly sql: string;
  readonly isOfImage: boolean;
  readonly scale: MeasureScale;
  readonly bad: RuleHistogram['bad'];
  /** Samples that the rule looks at. Default all. */
  readonly where?: string;
}

const LUMA = linear('luma, 0 to 255', 4, 255);
const SHARPNESS = logarithmic('thousandths of squared contrast', false);
/** As `relativeSharpness` has it, and only where the judge goes by it. */
const SQUARED_CONTRAST = '(s.contrast * s.contrast)';
const HAS_CONTRAST = `s.contrast >= ${LEAST_CONTRAST_TO_BE_BLURRED}`;

const RULE_MEASURE: Readonly<Record<MeasuredRule, RuleMeasure>> = {
  minSizeBytes: { sql: 's.size_bytes', isOfImage: false, scale: MEASURE_SCALE.sizeBytes, bad: 'below' },
  minShortSidePx: { sql: 's.short_side', isOfImage: false, scale: MEASURE_SCALE.shortSide, bad: 'below' },
  maxAspectRatio: { sql: 's.aspect_ratio', isOfImage: false, scale: MEASURE_SCALE.aspectRatio, bad: 'above' },
  minContrast: { sql: 's.contrast', isOfImage: false, scale: MEASURE_SCALE.contrast, bad: 'below' },
  minEntropyBits: { sql: 's.entropy', isOfImage: false, scale: MEASURE_SCALE.entropy, bad: 'below' },
  minSharpness: {
    sql: `s.sharpness * 1000.0 / ${SQUARED_CONTRAST}`,
    isOfImage: false,
    scale: SHARPNESS,
    bad: 'below',
    where: HAS_CONTRAST,
  },
  minSharpnessHalf: {
    sql: `i.sharpness_half * 1000.0 / ${SQUARED_CONTRAST.replaceAll('s.', 'i.')}`,
    isOfImage: true,
    scale: SHARPNESS,
    bad: 'below',
    where: HAS_CONTRAST.replaceAll('s.', 'i.'),
  },
  minBrightnessP99: { sql: 'i.brightness_p99', isOfImage: true, scale: LUMA, bad: 'below' },
  maxBrightnessP5: { sql: 'i.brightness_p5', isOfImage: true, scale: LUMA, bad: 'above' },
};

export class RuleMeasureRepository extends Repository {
  readonly #reader: DatabaseReader;
  readonly #samples: SampleRepository;

  constructor(database: Database, ownerId: string, reader: DatabaseReader, samples: SampleRepository) {
    super(database, ownerId);
    this.#reader = reader;
    this.#samples = samples;
  }

  /** @throws AppError `not-found` when there is no such dataset */
  async histogram(datasetId: number, rule: MeasuredRule): Promise<RuleHistogram> {
    this.#samples.requireDataset(datasetId);
    const { sql, isOfImage, scale, bad, where = 'TRUE' } = RULE_MEASURE[rule];
    // Images in the order of their ids are read several times quicker than in that of samples.
    const from = isOfImage
      ? 'samples s INDEXED BY samples_by_image CROSS JOIN images i ON i.id = s.image_id'
      : 'samples s INDEXED BY samples_facets';
    const query = { sql: `SELECT ${sql} FROM ${from} WHERE s.dataset_id = ? AND ${where}`, parameters: [datasetId] };
    return { bins: binsOf(scale, await this.#reader.bins(query, 'scan', scale.bins)), bad };
  }
}
