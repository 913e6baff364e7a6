import { type Command, Option } from 'commander';
import type { ImportInput } from '../../shared/contract/imports.ts';
import { runJobs } from '../follow.ts';
import { examples } from '../help.ts';
import { checkInput, collect, oneOf, text } from '../options.ts';
import { absolutePath } from '../paths.ts';
import type { Run } from '../program.ts';
import { datasetToFill } from '../resolve.ts';
import { DATASET_ARGUMENT } from './datasets.ts';

interface ImportOptions {
  readonly labelsFrom?: ImportInput['labelsFrom'];
  readonly label?: string;
  readonly link?: boolean;
  readonly copy?: boolean;
  readonly create?: boolean;
}

const LABELS_FROM = ['folders', 'none'] as const satisfies readonly ImportInput['labelsFrom'][];
const FLAGS = {
  paths: { flag: 'FOLDER|ARCHIVE' },
  label: { flag: '--label' },
  labelsFrom: { flag: '--labels-from' },
};

export function addImport(program: Command, run: Run): void {
  program
    .command('import')
    .argument('<dataset>', DATASET_ARGUMENT)
    .argument('<paths...>', 'folders, image files, or zip, tar, tar.gz and tgz archives', collect(text))
    .usage('DATASET FOLDER|ARCHIVE... [options]')
    .summary('take in folders and archives')
    .description('Take images of this machine into a dataset, check every one and judge it.')
    .option(
      '--labels-from <where>',
      'folders: the folder that holds a file is its label; none (default)',
      oneOf(LABELS_FROM),
    )
    .option('--label <name>', 'the label of every image', text)
    .addOption(
      new Option('--link', 'share the bytes with the original file where the file system can').conflicts('copy'),
    )
    .addOption(new Option('--copy', 'copy every file (default)').conflicts('link'))
    .option('--create', 'make the dataset when it is missing')
    .addHelpText(
      'after',
      examples([
        ['folders as labels', 'pixcrawler import birds ./photos --labels-from folders'],
        ['an archive into a new dataset', 'pixcrawler import birds birds.zip --create'],
      ]),
    )
    .action((dataset: string, paths: string[], options: ImportOptions) =>
      run(async (session) => {
        const { importInput } = await import('../../shared/contract/imports.ts');
        const input = checkInput(
          importInput.omit({ datasetId: true }),
          {
            paths: paths.map((path) => absolutePath(session.host, path)),
            labelsFrom: options.labelsFrom,
            label: options.label,
            mode: options.link === true ? 'link' : 'copy',
          },
          FLAGS,
        );
        const { id: datasetId } = await datasetToFill(
          await session.client(options.create === true ? 'create' : 'use'),
          dataset,
          options.create === true,
        );
        return runJobs(session, async (client) => [await client.imports.start({ datasetId, ...input })]);
      }),
    );
}
