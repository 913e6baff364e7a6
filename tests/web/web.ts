/** Starts the whole local web, or a part of it, in this process. */

import { apiHandler } from './api-site.ts';
import { type BulkSites, startBulkSites } from './bulk-sites.ts';
import { CONSENT_PICTURES, consentHandler } from './consent-sites.ts';
import { draw, encode } from './draw.ts';
import { faultHandler, QUICK_FAULTS } from './fault-site.ts';
import { drawGallery, galleryFacts, galleryHandler } from './gallery-site.ts';
import { type SiteServer, startSite } from './site-server.ts';
import { TRAP_IMAGES, trapHandler } from './trap-site.ts';
import {
  type Handler,
  type LocalSite,
  type LoggedRequest,
  type PictureFact,
  SITE_NAMES,
  type SiteName,
  type WebDescription,
  type WebOptions,
} from './types.ts';

export interface LocalWeb extends WebDescription {
  /** The named site; throws when it was not asked for. */
  site(name: SiteName): LocalSite;
  /** Everything asked for so far, in the order of arrival; entries under way are still being filled in. */
  requests(): readonly LoggedRequest[];
  clearRequests(): void;
  close(): Promise<void>;
}

/** 127.0.0.1 is left free: it is where tests put what must never be contacted. */
function addressOf(name: SiteName): string {
  return `127.0.0.${2 + SITE_NAMES.indexOf(name)}`;
}

async function drawJpeg(seed: number): Promise<Buffer> {
  return (await encode(draw(seed, 320, 240), 'jpeg')).bytes;
}

/** Drawn one after another: sharp's own threads are busy enough. */
async function drawJpegs(seed: number, count: number): Promise<Buffer[]> {
  const jpegs: Buffer[] = [];
  for (let index = 0; index < count; index++) jpegs.push(await drawJpeg(seed + index));
  return jpegs;
}

/** Starts the sites on 127.0.0.2 and the addresses after it, each on a port of its own. */
export async function startWeb(options: WebOptions = {}): Promise<LocalWeb> {
  const seed = options.seed ?? 1;
  const names = options.sites ?? SITE_NAMES;
  const log: LoggedRequest[] = [];
  const servers: SiteServer[] = [];
  const sites: Partial<Record<SiteName, LocalSite>> = {};
  let pictures: readonly PictureFact[] = [];

  const start = async (name: SiteName, makeHandler: (site: LocalSite) => Handler): Promise<void> => {
    const server = await startSite(name, addressOf(name), log, makeHandler);
    servers.push(server);
    sites[name] = server.site;
  };

  // The search services answer with the gallery's pictures, so they bring the gallery along.
  if (names.includes('gallery') || names.includes('api')) {
    const gallery = await drawGallery(seed, options.galleryImages ?? 40, options.galleryPages ?? 8);
    await start('gallery', (site) => {
      pictures = galleryFacts(gallery, site);
      return galleryHandler(gallery, site);
    });
  }
  if (names.includes('faults')) {
    const jpeg = await drawJpeg(seed + 50_000);
    await start('faults', (site) => faultHandler(site, jpeg, options.linkedFaults ?? QUICK_FAULTS));
  }
  for (const name of ['robots-closed', 'half-closed', 'robots-5xx', 'tagged', 'tdm', 'ai-txt'] as const) {
    if (!names.includes(name)) continue;
    const jpegs = await drawJpegs(seed + 60_000 + SITE_NAMES.indexOf(name) * 100, 10);
    const png = (await encode(draw(seed + 70_000, 320, 240), 'png')).bytes;
    const paths = Object.keys(CONSENT_PICTURES[name]);
    const jpegOf = (path: string): Buffer => jpegs[paths.indexOf(path)]!;
    await start(name, () => consentHandler(name, jpegOf, png));
  }
  if (names.includes('trap')) {
    const jpegs = await drawJpegs(seed + 80_000, TRAP_IMAGES);
    await start('trap', () => trapHandler((index) => jpegs[index]!));
  }
  if (names.includes('api')) await start('api', () => apiHandler(pictures));

  let bulk: BulkSites | null = null;
  if ((options.bulkHosts ?? 0) > 0) {
    const bulkLog = options.bulkLog === false ? null : log;
    bulk = await startBulkSites(seed, options.bulkHosts!, options.bulkImages ?? 0, options.bulkFiles, bulkLog);
  }
  const bulkSites = bulk?.sites ?? [];

  return {
    sites,
    bulk: bulkSites,
    pictures,
    allowHosts: [...servers.map(({ site }) => site.host), ...bulkSites.map(({ host }) => host)],
    site(name) {
      const site = sites[name];
      if (site === undefined) throw new Error(`The site ${name} was not started; add it to the option sites.`);
      return site;
    },
    requests: () => log,
    clearRequests: () => {
      log.length = 0;
    },
    async close() {
      await Promise.all([...servers.map((server) => server.close()), bulk?.close()]);
    },
  };
}
