import type { Command } from 'commander';
import type { Core } from '../../core/index.ts';
import { asAppError, EXIT, UsageError } from '../errors.ts';
import { examples } from '../help.ts';
import { text, wholeNumber } from '../options.ts';
import type { Run } from '../program.ts';
import type { Session } from '../session.ts';

const MOST_PORT = 65_535;

interface ServeFlags {
  readonly port: number;
  readonly host: string;
  readonly token?: string;
  readonly open?: boolean;
}

export function addServe(program: Command, run: Run): void {
  program
    .command('serve')
    .summary('show the interface in a browser')
    .description('Serve the interface and the API on this machine until Ctrl-C, which pauses running jobs.')
    .option('--port <n>', 'where to listen; 0 takes a port that is free', wholeNumber(0), 4310)
    .option('--host <address>', 'where to listen; anything but this machine itself needs a token', text, '127.0.0.1')
    .option('--token <token>', 'what programs and browsers must know (default: PIXCRAWLER_TOKEN, else a new one)', text)
    .option('--open', 'show it in the browser at once; also one that is running already')
    .addHelpText(
      'after',
      examples([
        ['open the interface', 'pixcrawler serve --open'],
        ['on another port', 'pixcrawler serve --port 8080'],
        ['for other machines of a network you trust', 'PIXCRAWLER_TOKEN=… pixcrawler serve --host 0.0.0.0'],
      ]),
    )
    .action((flags: ServeFlags) =>
      run(async (session) => {
        const { host, dataDirectory, interrupt } = session;
        if (flags.port > MOST_PORT) throw new UsageError(`Expected --port from 0 to ${MOST_PORT}, got ${flags.port}.`);
        const stopped = Promise.withResolvers<void>();
        const release = interrupt.handle(() => stopped.resolve());
        try {
          const core = await openOrShow(session, flags.open === true);
          if (core === null) return EXIT.done;
          const serving = await host.serve(core, {
            dataDirectory,
            host: flags.host,
            port: flags.port,
            token: flags.token ?? (host.environment.PIXCRAWLER_TOKEN || undefined),
          });
          try {
            session.result(`PixCrawler is at ${serving.url}`, { type: 'serving', url: serving.url });
            await core.watchDisk();
            const resumed = await core.resumeInterrupted();
            if (resumed > 0) session.note(`${resumed} jobs go on where they stopped.`);
            session.note('Ctrl-C ends it; running jobs are paused, not lost.');
            if (flags.open === true) await host.openBrowser(serving.url);
            await stopped.promise;
            session.note('Ending… press Ctrl-C again to end at once.');
          } finally {
            await serving.close();
          }
        } finally {
          release();
        }
        return EXIT.done;
      }),
    );
}

/** The library, opened here; null when another program serves it and has been shown instead. */
async function openOrShow(session: Session, isToOpen: boolean): Promise<Core | null> {
  const { host, dataDirectory } = session;
  try {
    return await session.core('create');
  } catch (error) {
    const owner = isToOpen && asAppError(error).code === 'in-use' ? await host.findOwner(dataDirectory) : null;
    if (owner === null) throw error;
    // Who does not answer is in use all the same.
    await host.connect(owner).catch(() => {
      throw error;
    });
    const url = `${owner.address}/?token=${encodeURIComponent(owner.token)}`;
    session.result(`PixCrawler is running already, at ${url}`, { type: 'serving', url });
    await host.openBrowser(url);
    return null;
  }
}
