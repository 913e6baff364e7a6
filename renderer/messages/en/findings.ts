import type { Finding } from '../../../shared/vocabulary.ts';

/** What a rule has found in an image. */
export const FINDINGS: Readonly<Record<Finding, string>> = {
  damaged: 'Damaged',
  'too-few-bytes': 'Too few bytes',
  'short-side': 'Too small',
  'aspect-ratio': 'Too long or narrow',
  flat: 'Hardly any detail',
  blurred: 'Blurred',
  'under-exposed': 'Too dark',
  'over-exposed': 'Too bright',
  'near-duplicate': 'Near-duplicate',
};
