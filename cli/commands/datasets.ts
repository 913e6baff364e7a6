import type { Command } from 'commander';
import type { Dataset } from '../../shared/contract/datasets.ts';
import { confirmRemoval } from '../confirm.ts';
import { EXIT } from '../errors.ts';
import { formatCount, formatTime, harmless, plural } from '../format.ts';
import { examples } from '../help.ts';
import { withTimes } from '../json.ts';
import { collect, commaSeparated, text } from '../options.ts';
import type { Run } from '../program.ts';
import { createDataset, resolveDataset, resolveProject, resolveTrashedDataset } from '../resolve.ts';
import type { Session } from '../session.ts';
import { renderPairs, renderTable } from '../table.ts';

/** Labels that are named in the list of datasets. */
const LISTED_LABELS = 6;

export const DATASET_ARGUMENT = 'its name, project/name, or "#" and its number';

export function addDatasets(program: Command, run: Run): void {
  const datasets = program
    .command('dataset')
    .summary('make, list, show, rename, label, remove and restore datasets')
    .description('Datasets hold samples and have labels.')
    .addHelpText(
      'after',
      examples([
        ['make one with two labels', 'pixcrawler dataset create birds --labels robin,wren'],
        ['add a label', 'pixcrawler dataset label birds blackbird'],
      ]),
    );

  datasets
    .command('create')
    .argument('<name>', 'its name, or project/name')
    .description('Make a dataset.')
    .option('--project <project>', 'the project it belongs to (default: Default)', text)
    .option('--label <name>', 'a label it has; may be given more than once', collect(text))
    .option('--labels <names>', 'several labels, with commas between them', commaSeparated)
    .addHelpText(
      'after',
      examples([
        ['with labels', 'pixcrawler dataset create birds --labels robin,wren'],
        ['in a project', 'pixcrawler dataset create birds --project garden --label robin --label wren'],
      ]),
    )
    .action((name: string, options: { project?: string; label?: string[]; labels?: string[] }) =>
      run(async (session) => {
        const labels = [...new Set([...(options.label ?? []), ...(options.labels ?? [])])];
        const dataset = await createDataset(await session.client('create'), name, labels, options.project);
        const line = `Created dataset ${harmless(dataset.name)} (#${dataset.id}) in ${harmless(dataset.projectName)}.`;
        session.result(line, withTimes(dataset));
        return EXIT.done;
      }),
    );

  datasets
    .command('list')
    .description('All datasets.')
    .option('--project <project>', 'only those of one project', text)
    .addHelpText('after', examples([['of one project', 'pixcrawler dataset list --project garden']]))
    .action((options: { project?: string }) =>
      run(async (session) => {
        const client = await session.client();
        const project = options.project === undefined ? undefined : await resolveProject(client, options.project);
        const found = await client.datasets.list(project === undefined ? {} : { projectId: project.id });
        if (session.json) for (const dataset of found) session.out.json(withTimes(dataset));
        else printDatasets(session, found);
        return EXIT.done;
      }),
    );

  datasets
    .command('show')
    .argument('<dataset>', DATASET_ARGUMENT)
    .description('A dataset: how many samples of which status and label.')
    .addHelpText('after', examples([['by its name', 'pixcrawler dataset show birds']]))
    .action((reference: string) =>
      run(async (session) => {
        const dataset = await resolveDataset(await session.client(), reference);
        if (session.json) session.out.json(withTimes(dataset));
        else printDataset(session, dataset);
        return EXIT.done;
      }),
    );

  datasets
    .command('rename')
    .argument('<dataset>', DATASET_ARGUMENT)
    .argument('<name>', 'its new name')
    .description('Give a dataset another name.')
    .addHelpText('after', examples([['another name', 'pixcrawler dataset rename birds "garden birds"']]))
    .action((reference: string, name: string) =>
      run(async (session) => {
        const client = await session.client();
        const before = await resolveDataset(client, reference);
        const dataset = await client.datasets.rename({ id: before.id, name });
        session.result(`Renamed dataset ${harmless(before.name)} to ${harmless(dataset.name)}.`, withTimes(dataset));
        return EXIT.done;
      }),
    );

  datasets
    .command('label')
    .argument('<dataset>', DATASET_ARGUMENT)
    .argument('<names...>', 'labels to add; those it has already stay as they are')
    .description('Add labels to a dataset.')
    .addHelpText('after', examples([['two more', 'pixcrawler dataset label birds blackbird "song thrush"']]))
    .action((reference: string, names: string[]) =>
      run(async (session) => {
        const client = await session.client();
        const before = await resolveDataset(client, reference);
        const dataset = await client.datasets.addLabels({ id: before.id, names });
        const line = `Dataset ${harmless(dataset.name)} has ${plural(dataset.labels.length, 'label')}: ${labelNames(dataset)}.`;
        session.result(line, withTimes(dataset));
        return EXIT.done;
      }),
    );

  datasets
    .command('remove')
    .argument('<dataset>', DATASET_ARGUMENT)
    .description('Move a dataset to the trash, from where it can be restored for a week.')
    .option('--yes', 'do not ask')
    .addHelpText('after', examples([['in a script', 'pixcrawler dataset remove birds --yes']]))
    .action((reference: string, options: { yes?: boolean }) =>
      run(async (session) => {
        const client = await session.client();
        const dataset = await resolveDataset(client, reference);
        const what = `dataset ${harmless(dataset.name)} with ${plural(dataset.sampleCount, 'sample')}`;
        if (!(await confirmRemoval(session, what, options.yes === true))) return EXIT.failed;
        await client.datasets.trash({ id: dataset.id });
        const back = `pixcrawler dataset restore "#${dataset.id}"`;
        session.result(`Moved ${what} to the trash, where it stays for a week. To have it back: ${back}`, {
          type: 'removed',
          id: dataset.id,
          name: dataset.name,
        });
        return EXIT.done;
      }),
    );

  datasets
    .command('restore')
    .argument('<dataset>', DATASET_ARGUMENT)
    .description('Bring a dataset back from the trash, under its name or one with a number when that is taken.')
    .addHelpText('after', examples([['by its name', 'pixcrawler dataset restore birds']]))
    .action((reference: string) =>
      run(async (session) => {
        const client = await session.client();
        const { id } = await resolveTrashedDataset(client, reference);
        const dataset = await client.datasets.restore({ id });
        const line = `Restored dataset ${harmless(dataset.projectName)}/${harmless(dataset.name)} with ${plural(dataset.sampleCount, 'sample')}.`;
        session.result(line, withTimes(dataset));
        return EXIT.done;
      }),
    );
}

/** A table of datasets, or how to make the first. */
export function printDatasets(session: Session, datasets: readonly Dataset[]): void {
  if (datasets.length === 0) {
    session.note('There is no dataset yet. To make one: pixcrawler dataset create NAME');
    return;
  }
  const rows = datasets.map((dataset) => [
    String(dataset.id),
    harmless(dataset.projectName),
    harmless(dataset.name),
    formatCount(dataset.sampleCount),
    formatCount(dataset.statusCounts.accepted),
    formatCount(dataset.statusCounts.quarantined),
    labelNames(dataset, LISTED_LABELS),
  ]);
  session.out.lines(
    renderTable(
      [
        { title: 'ID', align: 'right' },
        { title: 'PROJECT', flexible: true },
        { title: 'DATASET', flexible: true },
        { title: 'SAMPLES', align: 'right' },
        { title: 'ACCEPTED', align: 'right' },
        { title: 'QUARANTINED', align: 'right' },
        { title: 'LABELS', flexible: true },
      ],
      rows,
      session.out.columns,
    ),
  );
}

function printDataset({ out }: Session, dataset: Dataset): void {
  const { bold } = out.colours;
  out.line(bold(`${harmless(dataset.projectName)}/${harmless(dataset.name)} (#${dataset.id})`));
  out.lines(
    renderPairs(
      [
        ['made', formatTime(dataset.createdAt)],
        ['changed', formatTime(dataset.updatedAt)],
        ['samples', formatCount(dataset.sampleCount)],
        ...Object.entries(dataset.statusCounts).map(([name, count]): [string, string] => [name, formatCount(count)]),
      ],
      false,
    ),
  );
  if (dataset.labels.length === 0) return;
  out.line(bold('Labels'));
  out.lines(renderPairs(dataset.labels.map((label) => [harmless(label.name), formatCount(label.sampleCount)])));
}

/** @param most further names are counted only; default all */
function labelNames({ labels }: Dataset, most = labels.length): string {
  const names = labels.slice(0, most).map(({ name }) => harmless(name));
  if (labels.length > most) names.push(`and ${formatCount(labels.length - most)} more`);
  return names.join(', ');
}
