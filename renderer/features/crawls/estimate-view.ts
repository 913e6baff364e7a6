/** What an estimate comes down to for a person: never more certain than it is. */

import type { CrawlEstimate } from '../../../shared/contract/crawls.ts';

export interface WholeEstimate extends CrawlEstimate {
  /** Images of those sources that say how many they have, before any limit. */
  readonly toldImages: number;
  readonly toldSources: number;
  /** Sources that do not say. */
  readonly untoldSources: number;
  /** Sources that are yet to be asked. */
  readonly waitingSources: number;
}

/**
 * One estimate of what is collected and what is imported, which no limit of images holds back. A number is null where a
 * part of it is not known.
 * @param parts null for what is not asked for; at least one is not
 */
export function wholeEstimate(parts: readonly (CrawlEstimate | null)[]): WholeEstimate | null {
  const asked = parts.filter((part) => part !== null);
  const first = asked[0];
  if (first === undefined) return null;
  const sources = asked.flatMap((part) => part.sources);
  return {
    sources,
    images: sum(asked.map(({ images }) => images)),
    durationMs: sum(asked.map(({ durationMs }) => durationMs)),
    bytes: sum(asked.map(({ bytes }) => bytes)),
    freeBytes: Math.min(...asked.map(({ freeBytes }) => freeBytes)),
    toldImages: sources.reduce((total, { images }) => total + (images ?? 0), 0),
    toldSources: sources.filter(({ images }) => images !== null).length,
    untoldSources: sources.filter(({ images, basis }) => images === null && basis !== 'waiting').length,
    waitingSources: sources.filter(({ basis }) => basis === 'waiting').length,
  };
}

function sum(numbers: readonly (number | null)[]): number | null {
  let total = 0;
  for (const number of numbers) {
    if (number === null) return null;
    total += number;
  }
  return total;
}

/** What is said first of it. */
export type Headline =
  | { readonly kind: 'about'; readonly images: number; readonly isLimited: boolean }
  /** Not every source says; the limit of images is the most there can be. */
  | { readonly kind: 'up-to'; readonly images: number }
  | { readonly kind: 'at-least'; readonly images: number }
  | { readonly kind: 'unknown' };

/** @param maxImages the limit of the run; null for none */
export function headlineOf(estimate: WholeEstimate, maxImages: number | null): Headline {
  const { images, toldImages } = estimate;
  if (images !== null) return { kind: 'about', images, isLimited: images < toldImages };
  if (maxImages !== null) return { kind: 'up-to', images: maxImages };
  return toldImages > 0 ? { kind: 'at-least', images: toldImages } : { kind: 'unknown' };
}

/** Whether what comes may not fit on the disk. */
export function isTooLarge({ bytes, freeBytes }: WholeEstimate): boolean {
  return bytes !== null && bytes > freeBytes;
}

/** A source in the words it is written in: its kind and what is searched or read. */
export function sourceParts(source: string): { readonly kind: string; readonly text: string } {
  const [, kind, text] = /^(openverse|wikimedia|sitemap|urls|folder):(.*)$/s.exec(source) ?? [];
  return kind === undefined ? { kind: 'page', text: source } : { kind, text: text ?? '' };
}
