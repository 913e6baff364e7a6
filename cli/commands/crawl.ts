import type { Command } from 'commander';
import { runJobs } from '../follow.ts';
import { examples } from '../help.ts';
import { checkInput, collect, commaSeparated, required, seconds, text, wholeNumber } from '../options.ts';
import { absoluteSource } from '../paths.ts';
import type { Run } from '../program.ts';
import { datasetToFill } from '../resolve.ts';
import { DATASET_ARGUMENT } from './datasets.ts';

interface CrawlOptions {
  readonly from?: string[];
  readonly label?: string;
  readonly maxImages?: number;
  readonly maxPages?: number;
  readonly depth?: number;
  readonly perHost?: number;
  readonly delayMs?: number;
  readonly include?: string[];
  readonly exclude?: string[];
  readonly allowHost?: string[];
  readonly overrideConsent?: string[];
  readonly timeoutS?: number;
  readonly create?: boolean;
}

const FLAGS = {
  sources: { flag: '--from' },
  label: { flag: '--label' },
  maxImages: { flag: '--max-images' },
  maxPages: { flag: '--max-pages' },
  depth: { flag: '--depth' },
  perHost: { flag: '--per-host' },
  delayMs: { flag: '--delay-ms' },
  include: { flag: '--include' },
  exclude: { flag: '--exclude' },
  allowHosts: { flag: '--allow-host' },
  overrideConsent: { flag: '--override-consent' },
  timeoutMs: { flag: '--timeout-s', scale: 1000 },
};

export function addCrawl(program: Command, run: Run): void {
  program
    .command('crawl')
    .argument('<dataset>', DATASET_ARGUMENT)
    .usage('DATASET --from SOURCE... [options]')
    .summary('collect images from pages, lists, folders and searches')
    .description(
      'Collect images into a dataset, check every one and judge it. Ctrl-C pauses; the same command again goes on.',
    )
    .option('--from <source...>', 'where to start, see below; several may follow (required)', collect(text))
    .option('--label <name>', 'the label of every image; made when the dataset does not have it', text)
    .option('--max-images <n>', 'stop after so many new images', wholeNumber(1))
    .option('--max-pages <n>', 'read at most so many pages, sitemaps and API answers (default: 10000)', wholeNumber(1))
    .option('--depth <n>', 'follow links so far; 0 is the given pages alone (default: 3)', wholeNumber(0))
    .option('--per-host <n>', 'requests in flight to one host (default: the setting crawl.perHost)', wholeNumber(1))
    .option(
      '--delay-ms <n>',
      'least time between two requests to one host (default: the setting crawl.delayMs)',
      wholeNumber(0),
    )
    .option('--include <glob>', 'only addresses that match; may be repeated', collect(text))
    .option('--exclude <glob>', 'no addresses that match; may be repeated', collect(text))
    .option(
      '--allow-host <host[:port]>',
      'let exactly this host and port have a private address; may be repeated',
      collect(text),
    )
    .option(
      '--override-consent <names>',
      'go past what sites refuse, for this crawl alone: robots, noai, tdm, ai-txt, with commas between; see below',
      commaSeparated,
    )
    .option('--timeout-s <n>', 'seconds for one request (default: the setting crawl.timeoutMs)', seconds)
    .option('--create', 'make the dataset when it is missing')
    .addHelpText(
      'after',
      `
Sources:
  https://example.org/gallery/  a web page, and what it links to within its scope
  sitemap:URL                   the pages and images of a sitemap
  urls:FILE[#column=NAME]       addresses in a txt, csv, tsv or jsonl file; the column is found or named
  folder:PATH                   the images in a folder of this machine
  openverse:QUERY               a search in Openverse
  wikimedia:QUERY               a search in Wikimedia Commons

What sites refuse is not collected. Where you have the right to it all the same, as on a site of your own, name what to go past
with --override-consent. No setting does this: name it each time. The job and every image that it brings say so.
  robots                        robots.txt
  noai                          X-Robots-Tag and the robots meta element: noai, noimageai, noindex, noimageindex, none
  tdm                           reserved rights: TDM reservation, Content-Usage
  ai-txt                        ai.txt
${examples([
  ['a site, two links deep', 'pixcrawler crawl birds --from https://example.org/gallery/ --depth 2 --label robin'],
  ['two searches at once', 'pixcrawler crawl birds --from "openverse:robin" "wikimedia:Erithacus rubecula"'],
  ['a list of addresses', 'pixcrawler crawl birds --from urls:robins.csv --max-images 500'],
  ['a server of your own', 'pixcrawler crawl birds --from http://127.0.0.1:8080/ --allow-host 127.0.0.1:8080'],
])}`,
    )
    .action((dataset: string, options: CrawlOptions) =>
      run(async (session) => {
        const sources = required(options.from, '--from with at least one source');
        const { crawlInput } = await import('../../shared/contract/crawls.ts');
        const input = checkInput(
          crawlInput.omit({ datasetId: true }),
          {
            sources: sources.map((source) => absoluteSource(session.host, source)),
            label: options.label,
            maxImages: options.maxImages,
            maxPages: options.maxPages,
            depth: options.depth,
            perHost: options.perHost,
            delayMs: options.delayMs,
            include: options.include,
            exclude: options.exclude,
            allowHosts: options.allowHost,
            overrideConsent: options.overrideConsent,
            timeoutMs: options.timeoutS,
          },
          FLAGS,
        );
        const { id: datasetId } = await datasetToFill(
          await session.client(options.create === true ? 'create' : 'use'),
          dataset,
          options.create === true,
        );
        return runJobs(session, async (client) => [await client.crawls.start({ datasetId, ...input })]);
      }),
    );
}
