import type { Command } from 'commander';
import type { AffectedFile, DoctorReport } from '../../shared/contract/doctor.ts';
import { EXIT } from '../errors.ts';
import { harmless } from '../format.ts';
import { examples } from '../help.ts';
import type { Run } from '../program.ts';
import type { Session } from '../session.ts';
import { renderTable } from '../table.ts';

export function addDoctor(program: Command, run: Run): void {
  program
    .command('doctor')
    .summary('check database, store and machine')
    .description('Check the database, the stored images, the disk, the workers and this machine.')
    .option('--all', 'read every stored image again instead of 200 of them')
    .option('--repair', 'put right what is safe to put right')
    .addHelpText(
      'after',
      examples([
        ['a quick look', 'pixcrawler doctor'],
        ['everything, and put it right', 'pixcrawler doctor --all --repair'],
      ]),
    )
    .action((options: { all?: boolean; repair?: boolean }) =>
      run(async (session) => {
        const client = await session.client();
        if (options.all === true) session.note('Reading every stored image; this may take a while.');
        const report = await client.doctor.run({ all: options.all === true, repair: options.repair === true });
        if (session.json) {
          for (const check of report.checks) session.out.json({ type: 'check', ...check });
          session.out.json({ type: 'report', ok: report.ok });
        } else {
          print(session, report, options.all === true);
        }
        return report.ok && open(report).length === 0 ? EXIT.done : EXIT.attention;
      }),
    );
}

/** What still needs attention. */
function open(report: DoctorReport): DoctorReport['checks'] {
  return report.checks.filter((check) => check.state !== 'ok' && check.repaired === null);
}

const AFFECTED = ['Image', 'Problem', 'Datasets', 'Name', 'From'].map((title) => ({ title }));
/** Datasets named in a row. */
const NAMED_DATASETS = 3;

function affectedRow({ sha256, problem, datasets, name, from }: AffectedFile): string[] {
  const places = datasets.slice(0, NAMED_DATASETS).map(({ project, dataset }) => `${project}/${dataset}`);
  if (datasets.length > places.length) places.push(`and ${datasets.length - places.length} more`);
  return [sha256, problem, harmless(places.join(', ')), harmless(name ?? ''), harmless(from ?? '')];
}

function indented(line: string): string {
  return `         ${line}`;
}

function print(session: Session, report: DoctorReport, all: boolean): void {
  const { out, quiet } = session;
  const { green, yellow, red, bold } = out.colours;
  const mark = { ok: green('ok     '), warning: yellow('warning'), error: red('error  ') };
  const left = open(report);
  for (const check of quiet ? left : report.checks) {
    out.line(`${mark[check.state]}  ${bold(harmless(check.name))}: ${harmless(check.message)}`);
    const { affected, repaired: done, remedy } = check;
    if (affected.length > 0) out.lines(renderTable(AFFECTED, affected.map(affectedRow), undefined).map(indented));
    if (done !== null) out.line(indented(`${green('repaired:')} ${harmless(done)}`));
    if (remedy !== null) out.line(indented(`${yellow('to do:')} ${harmless(remedy)}`));
  }
  if (report.ok && left.length === 0) out.line('Everything is in order.');
  else if (left.some(({ repairable }) => repairable)) {
    // Without the other flag it would look at other images.
    const command = `pixcrawler doctor${all ? ' --all' : ''} --repair`;
    session.note(`To put right what is safe to put right: ${command}`);
  }
}
