/** Runs one command line from its words to its exit code. */

import { CommanderError } from 'commander';
import { asAppError, causeOf, EXIT, type ExitCode, exitCodeOf, InterruptedError, UsageError } from './errors.ts';
import { harmless } from './format.ts';
import { Output } from './output.ts';
import { createProgram } from './program.ts';
import { type CliHost, type GlobalOptions, Interrupt, Session } from './session.ts';

/** @returns the exit code; never throws for anything a user or the core does */
export async function runCli(host: CliHost): Promise<ExitCode> {
  const interrupt = new Interrupt();
  let broken: NodeJS.ErrnoException | null = null;
  const out = new Output(host.stdout, host.environment, (error) => {
    broken = error;
    interrupt.trigger();
  });
  const err = new Output(host.stderr, host.environment, () => {});
  let signals = 0;
  const endSignals = host.onSignal(() => {
    signals += 1;
    if (signals === 1) interrupt.trigger();
    else host.exitNow(EXIT.interrupted);
  });

  let code: ExitCode = EXIT.done;
  const program = createProgram(host.version, { out, err }, async (action) => {
    const session = new Session(host, { out, err }, interrupt, program.opts<GlobalOptions>());
    const problems: unknown[] = [];
    try {
      code = await Promise.race([action(session), interrupt.unhandled]);
    } catch (error) {
      problems.push(error);
    }
    await session.close().catch((error: unknown) => problems.push(error));
    if (problems.length > 0) throw problems[0];
  });
  try {
    await program.parseAsync(host.argv, { from: 'user' });
  } catch (error) {
    code = tell(error, { out, err, json: wantsJson(host.argv), readerGone: broken !== null });
  }
  await out.flushed();
  endSignals();
  return broken === null ? code : tellBroken(broken, err, code);
}

interface Telling {
  readonly out: Output;
  readonly err: Output;
  readonly json: boolean;
  /** Whether nobody reads stdout any more. */
  readonly readerGone: boolean;
}

function tell(thrown: unknown, { out, err, json, readerGone }: Telling): ExitCode {
  const say = (code: string, message: string, details: unknown = {}, hint: string | null = null) => {
    const words = message.split('\n').map((line) => line.replace(/\S.*/s, harmless));
    err.lines([`${err.colours.red('error:')} ${words[0]}`, ...words.slice(1)]);
    if (hint !== null) err.line(err.colours.dim(hint));
    if (json) out.json({ type: 'error', code, message, details });
  };
  if (thrown instanceof CommanderError) {
    if (thrown.exitCode === 0) return EXIT.done;
    // The help has been shown already: there was no command.
    if (thrown.code === 'commander.help') {
      if (json) out.json({ type: 'error', code: 'bad-request', message: 'Expected a command, got none.', details: {} });
    } else {
      say(
        'bad-request',
        thrown.message.replace(/^error: (command-argument )?/, ''),
        {},
        'Add --help to see what is expected.',
      );
    }
    return EXIT.usage;
  }
  if (thrown instanceof InterruptedError) {
    // `| head` has read enough; that is no error.
    if (readerGone) return EXIT.done;
    err.line('Interrupted.');
    if (json) out.json({ type: 'error', code: 'cancelled', message: 'Interrupted.', details: {} });
    return EXIT.interrupted;
  }
  if (thrown instanceof UsageError) {
    say('bad-request', thrown.message, {}, 'Add --help to see what is expected.');
    return EXIT.usage;
  }
  const error = asAppError(thrown);
  const cause = error.code === 'internal' ? causeOf(error) : null;
  say(error.code, error.message, error.details, cause === null ? null : `cause: ${harmless(cause)}`);
  return exitCodeOf(error);
}

/** stdout could not be written. A reader that went away is normal, a full disk is not. */
function tellBroken(error: NodeJS.ErrnoException, err: Output, code: ExitCode): ExitCode {
  if (error.code === 'EPIPE') return code;
  err.line(`${err.colours.red('error:')} Could not write the output: ${harmless(error.message)}.`);
  return EXIT.failed;
}

/** Before the words are parsed, since the parsing may be what fails. */
function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return (end < 0 ? argv : argv.slice(0, end)).includes('--json');
}
