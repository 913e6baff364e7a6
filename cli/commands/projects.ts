import type { Command } from 'commander';
import type { Project } from '../../shared/contract/projects.ts';
import { confirmRemoval } from '../confirm.ts';
import { EXIT } from '../errors.ts';
import { formatCount, formatTime, harmless, plural } from '../format.ts';
import { examples } from '../help.ts';
import { withTimes } from '../json.ts';
import type { Run } from '../program.ts';
import { resolveProject, resolveTrashedProject } from '../resolve.ts';
import type { Session } from '../session.ts';
import { renderTable } from '../table.ts';
import { printDatasets } from './datasets.ts';

export function addProjects(program: Command, run: Run): void {
  const projects = program
    .command('project')
    .summary('make, list, show, rename, remove and restore projects')
    .description('Projects hold datasets.')
    .addHelpText(
      'after',
      examples([
        ['make one', 'pixcrawler project create garden'],
        ['with its datasets', 'pixcrawler project show garden'],
      ]),
    );

  projects
    .command('create <name>')
    .description('Make a project.')
    .addHelpText('after', examples([['make one', 'pixcrawler project create garden']]))
    .action((name: string) =>
      run(async (session) => {
        const project = await (await session.client('create')).projects.create({ name });
        session.result(`Created project ${harmless(project.name)} (#${project.id}).`, withTimes(project));
        return EXIT.done;
      }),
    );

  projects
    .command('list')
    .description('All projects.')
    .addHelpText('after', examples([['their names', 'pixcrawler --json project list | jq -r .name']]))
    .action(() =>
      run(async (session) => {
        const found = await (await session.client()).projects.list();
        if (session.json) for (const project of found) session.out.json(withTimes(project));
        else printProjects(session, found);
        return EXIT.done;
      }),
    );

  projects
    .command('show <project>')
    .description('A project and its datasets.')
    .addHelpText('after', examples([['by its name', 'pixcrawler project show garden']]))
    .action((reference: string) =>
      run(async (session) => {
        const client = await session.client();
        const project = await resolveProject(client, reference);
        const datasets = await client.datasets.list({ projectId: project.id });
        if (session.json) {
          session.out.json({ ...withTimes(project), datasets: datasets.map(withTimes) });
        } else {
          session.out.line(`${harmless(project.name)} (#${project.id}), made ${formatTime(project.createdAt)}`);
          printDatasets(session, datasets);
        }
        return EXIT.done;
      }),
    );

  projects
    .command('rename <project> <name>')
    .description('Give a project another name.')
    .addHelpText('after', examples([['another name', 'pixcrawler project rename garden "my garden"']]))
    .action((reference: string, name: string) =>
      run(async (session) => {
        const client = await session.client();
        const before = await resolveProject(client, reference);
        const project = await client.projects.rename({ id: before.id, name });
        session.result(`Renamed project ${harmless(before.name)} to ${harmless(project.name)}.`, withTimes(project));
        return EXIT.done;
      }),
    );

  projects
    .command('remove <project>')
    .description('Move a project with its datasets to the trash, from where it can be restored for a week.')
    .option('--yes', 'do not ask')
    .addHelpText('after', examples([['in a script', 'pixcrawler project remove garden --yes']]))
    .action((reference: string, options: { yes?: boolean }) =>
      run(async (session) => {
        const client = await session.client();
        const project = await resolveProject(client, reference);
        const what = `project ${harmless(project.name)} with ${plural(project.datasetCount, 'dataset')}`;
        if (!(await confirmRemoval(session, what, options.yes === true))) return EXIT.failed;
        await client.projects.trash({ id: project.id });
        const back = `pixcrawler project restore "#${project.id}"`;
        session.result(`Moved ${what} to the trash, where it stays for a week. To have it back: ${back}`, {
          type: 'removed',
          id: project.id,
          name: project.name,
        });
        return EXIT.done;
      }),
    );

  projects
    .command('restore <project>')
    .description('Bring a project back from the trash, with the datasets that went with it.')
    .addHelpText('after', examples([['by its name', 'pixcrawler project restore garden']]))
    .action((reference: string) =>
      run(async (session) => {
        const client = await session.client();
        const { id } = await resolveTrashedProject(client, reference);
        const project = await client.projects.restore({ id });
        const line = `Restored project ${harmless(project.name)} with ${plural(project.datasetCount, 'dataset')}.`;
        session.result(line, withTimes(project));
        return EXIT.done;
      }),
    );
}

function printProjects(session: Session, projects: readonly Project[]): void {
  if (projects.length === 0) {
    session.note('There is no project yet. To make one: pixcrawler project create NAME');
    return;
  }
  const rows = projects.map((project) => [
    String(project.id),
    harmless(project.name),
    formatCount(project.datasetCount),
    formatTime(project.updatedAt),
  ]);
  session.out.lines(
    renderTable(
      [
        { title: 'ID', align: 'right' },
        { title: 'PROJECT', flexible: true },
        { title: 'DATASETS', align: 'right' },
        { title: 'CHANGED' },
      ],
      rows,
      session.out.columns,
    ),
  );
}
