/** The commands, their flags and their help. Nothing here opens the core: `--help` is to answer at once. */

import { Command } from 'commander';
import { addConfig } from './commands/config.ts';
import { addCrawl } from './commands/crawl.ts';
import { addDatasets } from './commands/datasets.ts';
import { addDoctor } from './commands/doctor.ts';
import { addExport } from './commands/export.ts';
import { addImport } from './commands/import.ts';
import { addJobs } from './commands/jobs.ts';
import { addProjects } from './commands/projects.ts';
import { addSamples } from './commands/samples.ts';
import { addServe } from './commands/serve.ts';
import { addStats } from './commands/stats.ts';
import { addValidate } from './commands/validate.ts';
import type { ExitCode } from './errors.ts';
import { examples } from './help.ts';
import { text } from './options.ts';
import type { Output } from './output.ts';
import type { Session } from './session.ts';

/** Runs what a command does, with a session of its own. */
export type Run = (action: (session: Session) => Promise<ExitCode>) => Promise<void>;

/** @throws CommanderError from its `parseAsync`, instead of ending the process */
export function createProgram(version: string, streams: { out: Output; err: Output }, run: Run): Command {
  const { out, err } = streams;
  const program = new Command('pixcrawler')
    .description('Collects images into datasets for training vision models, checks every one, and exports them.')
    .usage('[--data-dir DIR] [--json] [--quiet] COMMAND')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({
      writeOut: (words) => out.write(words),
      writeErr: (words) => err.write(words),
      // Told by the runner, which knows whether to tell it as JSON too.
      outputError: () => {},
      getOutHelpWidth: () => out.columns ?? 100,
      getErrHelpWidth: () => err.columns ?? 100,
      getOutHasColors: () => out.colours.isColorSupported,
      getErrHasColors: () => err.colours.isColorSupported,
    })
    .configureHelp({
      showGlobalOptions: true,
      styleTitle: (title) => `\u001b[1m${title}\u001b[22m`,
    })
    .option(
      '--data-dir <dir>',
      'where everything is kept (default: PIXCRAWLER_DATA_DIR, else the data folder of this system)',
      text,
    )
    .option('--json', 'one JSON object a line on stdout, and nothing else there')
    .option('--quiet', 'no progress: only how it ended, and errors')
    .addHelpText(
      'after',
      `${examples([
        ['make a dataset', 'pixcrawler dataset create birds --labels robin,wren'],
        ['collect from a web site', 'pixcrawler crawl birds --from https://example.org/gallery/ --label robin'],
        ['collect from a search', 'pixcrawler crawl birds --from "openverse:winter wren" --max-images 200'],
        ['see what was set aside', 'pixcrawler samples birds --status quarantined'],
        ['write it for training', 'pixcrawler export birds --format imagefolder --out ./birds'],
      ])}

Exit codes:
  0    done
  1    a job failed, or a request could not be answered
  2    the command line is wrong
  3    done, but something needs attention
  130  interrupted; the same command again goes on where it stopped`,
    );
  program.commandsGroup('Datasets:');
  addProjects(program, run);
  addDatasets(program, run);
  program.commandsGroup('Collect and check:');
  addCrawl(program, run);
  addImport(program, run);
  addValidate(program, run);
  program.commandsGroup('Look and take along:');
  addSamples(program, run);
  addStats(program, run);
  addExport(program, run);
  program.commandsGroup('Run and care:');
  addServe(program, run);
  addJobs(program, run);
  addDoctor(program, run);
  addConfig(program, run);
  // Last, so that it joins the group before it.
  program.helpCommand('help [command]', 'show help for a command');
  return program;
}
