/**
 * Asks each site once a day what it allows, remembers the answer, and decides address by address: robots.txt first,
 * then tdmrep.json, and ai.txt for images. Files that robots.txt closes are not asked for, unless the user goes past it: who
 * overrides robots.txt alone still wants to hear the others.
 */

import type { Failure, Refusal } from '../../shared/vocabulary.ts';
import { siteOf } from '../crawl/url-rules.ts';
import { type AiTxt, parseAiTxt } from './ai-txt.ts';
import {
  type ConsentFinding,
  type ConsentPolicy,
  type ConsentVerdict,
  decideConsent,
  OBEY_ALL,
} from './consent-verdict.ts';
import { MAX_CRAWL_DELAY_MS, parseRobots, ROBOTS_MAX_BYTES, type Robots } from './robots.ts';
import {
  CONSENT_FRESH_MS,
  hasLiveCopy,
  judgeRobotsAnswer,
  type TextOutcome,
  UNREACHABLE_RECHECK_MS,
} from './robots-access.ts';
import { readSiteConsentRecord, type SideFile, type SiteConsentRecord } from './site-record.ts';
import { parseTdmrep, type TdmRules } from './tdm.ts';

/** RFC 9309 section 2.3.1.2 asks for at least five hops. */
const MAX_REDIRECTS = 5;
/** Waits before the retries of a robots.txt that could not be reached. */
const RETRY_DELAYS_MS = [1_000, 5_000, 15_000] as const;
/** Characters of consent files held in memory; sites used longest ago leave first and come back from the store. */
const MEMORY_CHARACTERS = 8_000_000;
const MEMORY_SITES = 5_000;

/**
 * Fetches a small text with GET, following redirects. Resolves whatever happens on the network; a rejection is passed on
 * to whoever asked (a shutdown, say) and nothing is remembered.
 */
export type FetchText = (
  url: string,
  options: {
    /** A longer body is cut, not refused. */
    readonly maxBytes: number;
    readonly maxRedirects: number;
    /** Conditional request fields; a port may leave them out and never see a 304. */
    readonly headers?: Readonly<Record<string, string>>;
  },
) => Promise<TextOutcome>;

/** Keeps one record a site, by its `siteOf` name. `get` gives null or undefined for a site it does not know. */
export interface ConsentStore {
  get(site: string): Promise<unknown> | unknown;
  put(site: string, record: SiteConsentRecord): Promise<void> | void;
}

interface ConsentDecision {
  readonly allowed: boolean;
  /** null when allowed. `robots-unreachable` with a `retryAtMs` is for now only. */
  readonly reason: Refusal | null;
  /** The file, rule or answer that decided, for people. */
  readonly evidence: string;
  /** The gap between requests that robots.txt asks for, at most 300,000; null when it asks for none. */
  readonly crawlDelayMs: number | null;
  /** When asking again is worth it; null when the answer stands. */
  readonly retryAtMs: number | null;
  /** What went wrong on the way to robots.txt, when it could not be reached; else null. */
  readonly failure: Failure | null;
  /** To be stored with the origin, after adding what the answers themselves say. */
  readonly findings: readonly ConsentFinding[];
  readonly verdict: ConsentVerdict;
}

export interface ConsentKeeper {
  /**
   * May this address be fetched? Fetches the site's files when they are not known or older than a day; calls for one site
   * at a time share those fetches.
   * @param use what the address is fetched as; `image` (default) also heeds ai.txt and Content-Usage
   */
  check(url: string, use?: 'image' | 'page'): Promise<ConsentDecision>;
}

interface Site {
  readonly origin: string;
  record: SiteConsentRecord;
  robots: Robots | null;
  tdm: TdmRules | null;
  aiTxt: AiTxt | null;
  /** Single flight of whatever is being fetched, by file. */
  readonly pending: Map<string, Promise<void>>;
}

/** That an address was refused was our choice, of an earlier run: in this one the user may have allowed it by name. */
function withoutOurRefusal(record: SiteConsentRecord): SiteConsentRecord {
  const { robots } = record;
  return robots?.refusal === 'address-refused' ? { ...record, robots: { ...robots, recheckAtMs: 0 } } : record;
}

/**
 * @param options.productToken our name in robots.txt and robots tags: letters, `-` and `_` only
 * @param options.now milliseconds since 1970
 * @param options.policy signals the user chose to go past; none by default
 * @param options.retryDelaysMs default 1, 5 and 15 seconds
 */
export function createConsentKeeper(options: {
  readonly fetchText: FetchText;
  readonly productToken: string;
  readonly store: ConsentStore;
  readonly now: () => number;
  readonly policy?: ConsentPolicy;
  readonly retryDelaysMs?: readonly number[];
}): ConsentKeeper {
  const { fetchText, productToken, store, now, policy = OBEY_ALL, retryDelaysMs = RETRY_DELAYS_MS } = options;
  if (!/^[A-Za-z_-]+$/.test(productToken)) {
    throw new TypeError(`Expected a product token of letters, "-" and "_", got ${JSON.stringify(productToken)}.`);
  }
  const goesPastRobots = policy.override.includes('robots');
  /** In order of use, the longest unused first. */
  const sites = new Map<string, Promise<Site>>();
  const weights = new Map<string, number>();
  let heldCharacters = 0;

  function open(origin: string): Promise<Site> {
    let site = sites.get(origin);
    if (site === undefined) {
      site = load(origin);
      site.catch(() => forget(origin));
    } else {
      sites.delete(origin);
    }
    sites.set(origin, site);
    return site;
  }

  async function load(origin: string): Promise<Site> {
    const record = withoutOurRefusal(readSiteConsentRecord(await store.get(siteOf(origin))));
    const site: Site = { origin, record, robots: null, tdm: null, aiTxt: null, pending: new Map() };
    weigh(site);
    return site;
  }

  function forget(origin: string): void {
    sites.delete(origin);
    heldCharacters -= weights.get(origin) ?? 0;
    weights.delete(origin);
  }

  function weigh(site: Site): void {
    const { robots, tdmrep, aiTxt } = site.record;
    const weight = (robots?.text.length ?? 0) + (tdmrep?.text.length ?? 0) + (aiTxt?.text.length ?? 0);
    heldCharacters += weight - (weights.get(site.origin) ?? 0);
    weights.set(site.origin, weight);
    for (const oldest of sites.keys()) {
      if (heldCharacters <= MEMORY_CHARACTERS && sites.size <= MEMORY_SITES) break;
      if (oldest !== site.origin) forget(oldest);
    }
  }

  async function remember(site: Site, change: Partial<SiteConsentRecord>): Promise<void> {
    site.record = { ...site.record, ...change };
    weigh(site);
    await store.put(siteOf(site.origin), site.record);
  }

  /** Runs one fetch of a file at a time for each site; whoever comes meanwhile waits for the same one. */
  function once(site: Site, file: string, work: () => Promise<void>): Promise<void> {
    let pending = site.pending.get(file);
    if (pending === undefined) {
      pending = work().finally(() => site.pending.delete(file));
      site.pending.set(file, pending);
    }
    return pending;
  }

  async function freshenRobots(site: Site): Promise<void> {
    const before = site.record.robots;
    if (before !== null && now() < before.recheckAtMs) return;
    await once(site, 'robots', async () => {
      const headers: Record<string, string> = {};
      if (before?.copiedAtMs != null && before.etag !== null) headers['if-none-match'] = before.etag;
      if (before?.copiedAtMs != null && before.lastModified !== null)
        headers['if-modified-since'] = before.lastModified;
      const outcome = await fetchText(`${site.origin}/robots.txt`, {
        maxBytes: ROBOTS_MAX_BYTES + 1,
        maxRedirects: MAX_REDIRECTS,
        headers,
      });
      site.robots = null;
      await remember(site, { robots: judgeRobotsAnswer(outcome, before, now(), retryDelaysMs) });
    });
  }

  /** tdmrep.json and ai.txt: absent unless they answer with 2xx; while out of reach the last copy counts. */
  async function freshenSideFile(
    site: Site,
    field: 'tdmrep' | 'aiTxt',
    path: string,
    rules: Robots | null,
  ): Promise<void> {
    const before = site.record[field];
    if (before !== null && now() < before.recheckAtMs) return;
    if (!goesPastRobots && rules !== null && !rules.decide(`${site.origin}${path}`).allowed) return;
    await once(site, field, async () => {
      const outcome = await fetchText(`${site.origin}${path}`, {
        maxBytes: ROBOTS_MAX_BYTES,
        maxRedirects: MAX_REDIRECTS,
      });
      const checkedAtMs = now();
      const reached = outcome.kind === 'response' && outcome.status < 500 && outcome.status !== 429;
      const found = outcome.kind === 'response' && outcome.status >= 200 && outcome.status <= 299;
      const file: SideFile = {
        text: found ? outcome.text : reached ? '' : (before?.text ?? ''),
        checkedAtMs,
        recheckAtMs: checkedAtMs + (reached ? CONSENT_FRESH_MS : UNREACHABLE_RECHECK_MS),
      };
      site[field === 'tdmrep' ? 'tdm' : 'aiTxt'] = null;
      await remember(site, { [field]: file });
    });
  }

  function robotsOf(site: Site): Robots | null {
    const file = site.record.robots;
    if (file === null || (file.access !== 'rules' && !hasLiveCopy(file, now()))) return null;
    site.robots ??= parseRobots(file.text, productToken);
    return site.robots;
  }

  function decision(findings: readonly ConsentFinding[], extra: Partial<ConsentDecision> = {}): ConsentDecision {
    const { reason, evidence, verdict } = decideConsent(findings, policy);
    return {
      crawlDelayMs: null,
      failure: null,
      ...extra,
      allowed: reason === null,
      reason,
      evidence,
      retryAtMs: reason === null ? null : (extra.retryAtMs ?? null),
      findings,
      verdict,
    };
  }

  return {
    async check(url, use = 'image') {
      const origin = siteOrigin(url);
      if (origin === null) {
        return decision([{ signal: 'robots', refusal: 'scheme-refused', evidence: 'not an http or https address' }]);
      }
      const site = await open(origin);
      await freshenRobots(site);
      const file = site.record.robots;
      if (file === null) throw new Error(`No robots record of ${origin} after it was asked for.`);
      const rules = robotsOf(site);
      const robotsFinding = judgeByRobots(url, file.detail, file.access, rules, file.refusal);
      const findings: ConsentFinding[] = [robotsFinding];
      const unreachable = file.access === 'closed' && rules === null;
      const extra = {
        crawlDelayMs: rules?.crawlDelayMs == null ? null : Math.min(rules.crawlDelayMs, MAX_CRAWL_DELAY_MS),
        retryAtMs: unreachable && file.willRetry ? file.recheckAtMs : null,
        failure: unreachable ? file.failure : null,
      };
      const early = decision(findings, extra);
      if (!early.allowed) return early;

      await freshenSideFile(site, 'tdmrep', '/.well-known/tdmrep.json', rules);
      site.tdm ??= parseTdmrep(site.record.tdmrep?.text ?? '');
      const { reserved, location } = site.tdm.reservation(url);
      if (reserved === true) {
        findings.push({ signal: 'tdm', refusal: 'tdm-reserved', evidence: `tdmrep.json: ${location} is reserved` });
      }
      if (use === 'image') {
        const usage = rules?.trainingPreference(url);
        if (usage?.preference === 'reserved') {
          findings.push({ signal: 'content-usage', refusal: 'tdm-reserved', evidence: `robots.txt ${usage.rule}` });
        }
        // Whoever is refused already is not worth another request.
        if (decideConsent(findings, policy).reason === null) {
          await freshenSideFile(site, 'aiTxt', '/ai.txt', rules);
          site.aiTxt ??= parseAiTxt(site.record.aiTxt?.text ?? '', productToken);
          const rule = site.aiTxt.imageRefusedBy(url);
          if (rule !== null) findings.push({ signal: 'ai-txt', refusal: 'ai-txt', evidence: `ai.txt ${rule}` });
        }
      }
      return decision(findings, extra);
    },
  };
}

function judgeByRobots(
  url: string,
  detail: string,
  access: 'rules' | 'open' | 'closed',
  rules: Robots | null,
  refusal: Refusal | null,
): ConsentFinding {
  if (rules === null) {
    return {
      signal: 'robots',
      refusal: access === 'open' ? null : (refusal ?? 'robots-unreachable'),
      evidence: detail,
    };
  }
  const source = access === 'closed' ? `${detail}; its last copy` : detail;
  if (new URL(url).pathname === '/robots.txt') return { signal: 'robots', refusal: null, evidence: source };
  if (rules.crawlDelayMs !== null && rules.crawlDelayMs > MAX_CRAWL_DELAY_MS) {
    const evidence = `${source} asks for ${rules.crawlDelayMs / 1000} s between requests; at most ${MAX_CRAWL_DELAY_MS / 1000} s are waited`;
    return { signal: 'robots', refusal: 'robots-disallowed', evidence };
  }
  const { allowed, rule } = rules.decide(url);
  return {
    signal: 'robots',
    refusal: allowed ? null : 'robots-disallowed',
    evidence: rule === null ? `${source}: no rule` : `${source} ${rule}`,
  };
}

/** Scheme, host and port: what rules belong to. null for anything that is not http or https. */
function siteOrigin(url: string): string | null {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  return parsed !== null && (parsed.protocol === 'http:' || parsed.protocol === 'https:') ? parsed.origin : null;
}
