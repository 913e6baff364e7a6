import type { Command } from 'commander';
import type { Sample } from '../../shared/contract/samples.ts';
import { SAMPLE_STATUSES, type SampleStatus } from '../../shared/vocabulary.ts';
import { EXIT } from '../errors.ts';
import { formatBytes, formatCount, harmless } from '../format.ts';
import { examples } from '../help.ts';
import { sampleObject } from '../json.ts';
import { oneOf, text, wholeNumber } from '../options.ts';
import type { Run } from '../program.ts';
import { resolveDataset } from '../resolve.ts';
import { type Column, renderTable } from '../table.ts';
import { DATASET_ARGUMENT } from './datasets.ts';

interface SamplesOptions {
  readonly status?: SampleStatus;
  readonly label?: string;
  readonly reason?: string;
  readonly limit?: number;
}

const PAGE_SIZE = 500;
const TERMINAL_LIMIT = 50;

const HEADER: readonly Column[] = [
  { title: 'SHA-256' },
  { title: 'STATUS' },
  { title: 'LABEL', flexible: true },
  { title: 'PIXELS', align: 'right' },
  { title: 'FORMAT' },
  { title: 'SIZE', align: 'right' },
  { title: 'REASONS', flexible: true },
  { title: 'FROM', flexible: true },
];

export function addSamples(program: Command, run: Run): void {
  program
    .command('samples')
    .argument('<dataset>', DATASET_ARGUMENT)
    .usage('DATASET [options]')
    .summary('list the samples of a dataset')
    .description('The samples of a dataset, in the order they came.')
    .option('--status <status>', `only ${SAMPLE_STATUSES.join(', ')}`, oneOf(SAMPLE_STATUSES))
    .option('--label <name>', 'only those with this label', text)
    .option('--reason <reason>', 'only those with this reason, as "pixcrawler stats" shows it', text)
    .option('--limit <n>', `at most so many (default: ${TERMINAL_LIMIT} on a terminal, else all)`, wholeNumber(1))
    .addHelpText(
      'after',
      examples([
        ['what was set aside for blur', 'pixcrawler samples birds --status quarantined --reason blurred'],
        ['where the images come from', 'pixcrawler --json samples birds | jq -r ".origins[].pageUrl"'],
      ]),
    )
    .action((reference: string, options: SamplesOptions) =>
      run(async (session) => {
        const { out, json } = session;
        const client = await session.client();
        const dataset = await resolveDataset(client, reference);
        const filter = {
          datasetId: dataset.id,
          ...(options.status === undefined ? {} : { status: options.status }),
          ...(options.label === undefined ? {} : { label: options.label }),
          ...(options.reason === undefined ? {} : { reason: options.reason }),
        };
        const limit = options.limit ?? (out.isTerminal && !json ? TERMINAL_LIMIT : Number.POSITIVE_INFINITY);
        let shown = 0;
        let after: number | null = 0;
        while (after !== null && shown < limit && !out.closed) {
          const page: { items: Sample[]; next: number | null } = await client.samples.list({
            ...filter,
            after,
            limit: Math.min(PAGE_SIZE, limit - shown),
          });
          if (json) for (const sample of page.items) out.json(sampleObject(sample));
          else if (page.items.length > 0) {
            const [titles, ...lines] = renderTable(HEADER, page.items.map(row), out.columns);
            out.lines(shown === 0 ? [out.colours.bold(titles!), ...lines] : lines);
          }
          await out.drained();
          shown += page.items.length;
          after = page.next;
        }
        if (!json) {
          if (shown === 0) session.note('No sample matches.');
          else if (after !== null && options.limit === undefined) {
            const { count } = await client.samples.count(filter);
            session.note(`${formatCount(count - shown)} more; add --limit ${count} to see all.`);
          }
        }
        return EXIT.done;
      }),
    );
}

function row(sample: Sample): string[] {
  const keeper = sample.keeper === null ? [] : [`of ${sample.keeper.sha256.slice(0, 12)}`];
  const origin = sample.origins[0];
  const more = sample.origins.length > 1 ? ` (+${sample.origins.length - 1})` : '';
  return [
    sample.sha256.slice(0, 12),
    sample.status,
    harmless(sample.label ?? '-'),
    `${sample.width}x${sample.height}`,
    sample.format,
    formatBytes(sample.bytes),
    [...sample.reasons, ...keeper].map(harmless).join(' ') || '-',
    origin === undefined ? '-' : `${harmless(origin.imageUrl)}${more}`,
  ];
}
