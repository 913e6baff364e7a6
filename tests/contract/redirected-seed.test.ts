/** A start page that leads to another site: the crawl is about that site, also when it is resumed. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { draw, encode } from '../web/draw.ts';
import { type SiteServer, send, sendHtml, sendNotFound, startSite } from '../web/site-server.ts';
import type { LoggedRequest } from '../web/types.ts';
import { makeCore } from './open-core.ts';

test('a crawl whose seed was redirected follows links there, also after a pause', {
  timeout: 60_000,
}, async (context) => {
  const open = await makeCore();
  context.after(() => open.close());
  const { client } = open;
  const { bytes } = await encode(draw(5, 240, 200), 'jpeg');
  const log: LoggedRequest[] = [];
  const there: SiteServer = await startSite('there', '127.0.5.3', log, () => (_request, response, url) => {
    if (url.pathname === '/') return sendHtml(response, '<a href="/next">next</a>');
    if (url.pathname === '/next') return sendHtml(response, '<a href="/last">last</a>');
    if (url.pathname === '/last') return sendHtml(response, '<img src="/picture.jpg">');
    if (url.pathname === '/picture.jpg') return send(response, 200, 'image/jpeg', bytes);
    return sendNotFound(response);
  });
  context.after(() => there.close());
  const here = await startSite('here', '127.0.5.2', log, () => (_request, response, url) => {
    if (url.pathname !== '/') return sendNotFound(response);
    response.writeHead(301, { location: `${there.site.origin}/`, 'content-length': 0 });
    response.end();
  });
  context.after(() => here.close());

  const { id: datasetId } = await client.datasets.create({ name: 'redirected' });
  const { id } = await client.crawls.start({
    datasetId,
    sources: [`${here.site.origin}/`],
    allowHosts: [here.site.host, there.site.host],
    delayMs: 500,
  });
  // The seed and what it led to are read; the next page has to wait for its turn.
  while ((await client.jobs.get({ id })).counts.pagesDone < 2) await sleep(5);
  const paused = await client.jobs.pause({ id });
  assert.deepEqual([paused.state, paused.counts.pagesDone], ['paused', 2]);
  const { counts, state } = await open.ended(client.jobs.resume({ id }));
  assert.equal(state, 'completed');
  assert.deepEqual([counts.pagesDone, counts.accepted + counts.quarantined], [4, 1]);
});
