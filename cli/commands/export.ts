import type { Command } from 'commander';
import type { ExportInput } from '../../shared/contract/exports.ts';
import { SAMPLE_STATUSES, type SampleStatus } from '../../shared/vocabulary.ts';
import { UsageError } from '../errors.ts';
import { runJobs } from '../follow.ts';
import { examples } from '../help.ts';
import { collect, oneOf, required, text } from '../options.ts';
import { absolutePath } from '../paths.ts';
import type { Run } from '../program.ts';
import { resolveDataset } from '../resolve.ts';
import { DATASET_ARGUMENT } from './datasets.ts';

interface ExportOptions {
  readonly format?: ExportInput['format'];
  readonly out?: string;
  readonly archive?: ExportInput['archive'];
  readonly status?: SampleStatus[];
  readonly hardLinks?: boolean;
}

const FORMATS = ['imagefolder', 'csv', 'jsonl'] as const satisfies readonly ExportInput['format'][];
const ARCHIVES = ['none', 'zip', 'tar'] as const satisfies readonly ExportInput['archive'][];

export function addExport(program: Command, run: Run): void {
  program
    .command('export')
    .argument('<dataset>', DATASET_ARGUMENT)
    .usage('DATASET --format FORMAT --out PATH [options]')
    .summary('write a dataset for other tools')
    .description('Write a dataset in a form that other tools open, and check what was written.')
    .option('--format <format>', 'imagefolder, csv or jsonl (required)', oneOf(FORMATS))
    .option('--out <path>', 'the folder or file to write; it must not exist yet (required)', text)
    .option('--archive <kind>', 'none (default), zip or tar', oneOf(ARCHIVES))
    .option('--status <status>', 'which samples; may be repeated (default: accepted)', collect(oneOf(SAMPLE_STATUSES)))
    .option(
      '--hard-links',
      'link images to the files of the library, on its own disk: no further space, but whoever changes one damages the library',
    )
    .addHelpText(
      'after',
      examples([
        ['label folders for training', 'pixcrawler export birds --format imagefolder --out ./birds'],
        [
          'to train from at once, on the disk of the library',
          'pixcrawler export birds --format imagefolder --out ./birds --hard-links',
        ],
        ['one file to pass on', 'pixcrawler export birds --format imagefolder --archive tar --out birds.tar'],
      ]),
    )
    .action((reference: string, options: ExportOptions) =>
      run(async (session) => {
        const format = required(options.format, `--format with one of ${FORMATS.join(', ')}`);
        const outPath = absolutePath(session.host, required(options.out, '--out with the path to write'));
        if (options.hardLinks === true && (options.archive ?? 'none') !== 'none') {
          throw new UsageError(`Expected --hard-links with a folder, got --archive ${options.archive}.`);
        }
        const dataset = await resolveDataset(await session.client(), reference);
        return runJobs(session, async (client) => [
          await client.exports.start({
            datasetId: dataset.id,
            format,
            outPath,
            ...(options.archive === undefined ? {} : { archive: options.archive }),
            ...(options.hardLinks === true ? { hardLinks: true } : {}),
            ...(options.status === undefined ? {} : { statuses: [...new Set(options.status)] }),
          }),
        ]);
      }),
    );
}
