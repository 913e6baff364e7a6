/** The faulty site: every fault at `/fault/NAME`, and one picture that is sound. */

import { FAULTS, type Fault } from './faults.ts';
import { send, sendHtml, sendNotFound } from './site-server.ts';
import type { Handler, LocalSite } from './types.ts';

/** Faults that end by themselves and leave a crawl nothing to wait for; the index page links to these by default. */
export const QUICK_FAULTS: readonly string[] = Object.entries(FAULTS)
  .filter(([name, fault]: [string, Fault]) => fault.endless === undefined && !/bomb|endless|always|once/.test(name))
  .map(([name]) => name);

/** `/`, `/robots.txt`, `/picture.jpg` and `/fault/NAME`. */
export function faultHandler(site: LocalSite, jpeg: Buffer, linked: readonly string[]): Handler {
  const visits = new Map<string, number>();
  return (request, response, url) => {
    const path = url.pathname;
    const match = /^\/fault\/([^/]+)(.*)$/.exec(path);
    const fault = match === null ? undefined : FAULTS[match[1]!];
    if (fault !== undefined && match !== null) {
      const earlier = visits.get(path) ?? 0;
      visits.set(path, earlier + 1);
      fault.serve({ request, response, origin: site.origin, jpeg, visits: earlier, rest: match[2]! });
    } else if (path === '/') {
      const images = linked.map((name) => `<img src="/fault/${name}" alt="${name}">`);
      sendHtml(response, `<img src="/picture.jpg" alt="sound">${images.join('\n')}`);
    } else if (path === '/picture.jpg') {
      send(response, 200, 'image/jpeg', jpeg);
    } else if (path === '/robots.txt') {
      send(response, 200, 'text/plain', 'User-agent: *\nAllow: /\n');
    } else {
      sendNotFound(response);
    }
  };
}
