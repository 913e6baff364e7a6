import { type Command, Option } from 'commander';
import { EXIT, UsageError } from '../errors.ts';
import { examples } from '../help.ts';
import { text, wholeNumber } from '../options.ts';
import type { Run } from '../program.ts';

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
    .addOption(
      new Option('--token <token>', 'what programs and browsers must know (default: a new one)')
        .argParser(text)
        .env('PIXCRAWLER_TOKEN'),
    )
    .option('--open', 'show it in the browser at once')
    .addHelpText(
      'after',
      examples([
        ['open the interface', 'pixcrawler serve --open'],
        ['on another port', 'pixcrawler serve --port 8080'],
        ['for other machines, behind a proxy with TLS', 'PIXCRAWLER_TOKEN=… pixcrawler serve --host 0.0.0.0'],
      ]),
    )
    .action((flags: ServeFlags) =>
      run(async (session) => {
        const { host, dataDirectory, interrupt } = session;
        if (flags.port > MOST_PORT) throw new UsageError(`Expected --port from 0 to ${MOST_PORT}, got ${flags.port}.`);
        const stopped = Promise.withResolvers<void>();
        const release = interrupt.handle(() => stopped.resolve());
        try {
          const core = await session.core('create');
          const serving = await host.serve(core, {
            dataDirectory,
            host: flags.host,
            port: flags.port,
            token: flags.token,
          });
          try {
            session.result(`PixCrawler is at ${serving.url}`, { type: 'serving', url: serving.url });
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
