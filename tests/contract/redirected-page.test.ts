/** Pages that a sitemap lists and that lead elsewhere: the crawl stays with the sites it is about. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { draw, encode } from '../web/draw.ts';
import { send, sendHtml, sendNotFound, startSite } from '../web/site-server.ts';
import type { LoggedRequest } from '../web/types.ts';
import { makeCore } from './open-core.ts';

test('a page of a sitemap that leads to another site is left unread, one that leads to an image is not', {
  timeout: 60_000,
}, async (context) => {
  const open = await makeCore();
  context.after(() => open.close());
  const { client } = open;
  const log: LoggedRequest[] = [];
  const pictures = await Promise.all([1, 2, 3].map((seed) => encode(draw(seed, 240, 200), 'jpeg')));
  const there = await startSite('there', '127.0.5.5', log, () => (_request, response, url) => {
    if (url.pathname === '/login') return sendHtml(response, '<img src="/picture-0.jpg">');
    const picture = pictures[Number(url.pathname.at('/picture-'.length))];
    return picture === undefined ? sendNotFound(response) : send(response, 200, 'image/jpeg', picture.bytes);
  });
  context.after(() => there.close());
  const here = await startSite('here', '127.0.5.4', log, (site) => (_request, response, url) => {
    const moved: Record<string, string> = {
      '/account': `${there.site.origin}/login`,
      '/download': `${there.site.origin}/picture-1.jpg`,
      '/old': '/new',
    };
    const location = moved[url.pathname];
    if (location !== undefined) {
      response.writeHead(302, { location, 'content-length': 0 });
      return response.end();
    }
    if (url.pathname === '/new') return sendHtml(response, `<img src="${there.site.origin}/picture-2.jpg">`);
    if (url.pathname !== '/sitemap.xml') return sendNotFound(response);
    const listed = Object.keys(moved).map((path) => `<url><loc>${site.origin}${path}</loc></url>`);
    return send(response, 200, 'application/xml', Buffer.from(`<urlset>${listed.join('')}</urlset>`));
  });
  context.after(() => here.close());

  const { id: datasetId } = await client.datasets.create({ name: 'listed' });
  const job = await open.ended(
    client.crawls.start({
      datasetId,
      sources: [`sitemap:${here.site.origin}/sitemap.xml`],
      allowHosts: [here.site.host, there.site.host],
    }),
  );
  assert.equal(job.reasons['out-of-scope'], 1, JSON.stringify(job.reasons));
  assert.equal(job.counts.accepted + job.counts.quarantined, 2);
  const asked = log.filter(({ site }) => site === 'there').map(({ path }) => path);
  assert.ok(asked.includes('/picture-1.jpg') && asked.includes('/picture-2.jpg'), asked.join(' '));
  assert.ok(!asked.includes('/picture-0.jpg'), asked.join(' '));
});
