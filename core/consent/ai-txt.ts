/** Spawning's `/ai.txt`: robots.txt syntax whose patterns name file types (`Disallow: *.jpg`), about use for training. */

import { parseRobots } from './robots.ts';

export interface AiTxt {
  /** The rule that reserves the image, or null when none does. */
  imageRefusedBy(url: string): string | null;
}

/**
 * Reads an ai.txt. Never throws; other files of that name hold no rules of this syntax and so reserve nothing.
 *
 * An image whose address ends in no file type is asked about as if it ended in `.jpg` too.
 */
export function parseAiTxt(content: string, productToken: string): AiTxt {
  const rules = parseRobots(content, productToken);
  return {
    imageRefusedBy(url) {
      const spellings = hasFileType(url) ? [url] : [url, `${url.replace(/[?#].*$/s, '')}.jpg`];
      for (const spelling of spellings) {
        const { allowed, rule } = rules.decide(spelling);
        if (!allowed) return rule;
      }
      return null;
    },
  };
}

function hasFileType(url: string): boolean {
  return /\.[a-z0-9]{2,5}$/i.test(url.replace(/[?#].*$/s, '').replace(/^.*\//s, ''));
}
