import type { Command } from 'commander';
import type { Setting } from '../../shared/contract/settings.ts';
import { EXIT } from '../errors.ts';
import { harmless } from '../format.ts';
import { examples } from '../help.ts';
import type { Run } from '../program.ts';
import { renderTable } from '../table.ts';

export function addConfig(program: Command, run: Run): void {
  const config = program
    .command('config')
    .summary('list, get, set and unset settings')
    .description('Settings. A value in the environment wins over one that was set.')
    .addHelpText(
      'after',
      examples([
        ['what there is', 'pixcrawler config list'],
        ['be gentler to every site', 'pixcrawler config set crawl.delayMs 2000'],
      ]),
    );

  config
    .command('list')
    .description('All settings, with where their values come from.')
    .addHelpText(
      'after',
      examples([['those that differ', 'pixcrawler --json config list | jq "select(.from != \\"default\\")"']]),
    )
    .action(() =>
      run(async (session) => {
        const { out } = session;
        const settings = await (await session.client('create')).settings.list();
        if (session.json) {
          for (const setting of settings) out.json(setting);
          return EXIT.done;
        }
        const [titles, ...lines] = renderTable(
          [
            { title: 'SETTING' },
            { title: 'VALUE', flexible: true },
            { title: 'FROM' },
            { title: 'MEANING', flexible: true },
          ],
          settings.map((setting) => [setting.name, shown(setting), setting.from, setting.description]),
          out.columns,
        );
        out.lines([out.colours.bold(titles!), ...lines]);
        return EXIT.done;
      }),
    );

  config
    .command('get <name>')
    .description('The value of one setting.')
    .addHelpText('after', examples([['the value alone', 'pixcrawler config get crawl.delayMs']]))
    .action((name: string) =>
      run(async (session) => {
        const setting = await (await session.client('create')).settings.get({ name });
        session.result(shown(setting), setting);
        return EXIT.done;
      }),
    );

  config
    .command('set <name> <value>')
    .description('Change one setting.')
    .addHelpText('after', examples([['who is crawling', 'pixcrawler config set crawl.contact mailto:me@example.org']]))
    .action((name: string, value: string) =>
      run(async (session) => {
        const setting = await (await session.client('create')).settings.set({ name, value });
        session.result(`${setting.name} is ${shown(setting) || 'empty'}.`, setting);
        return EXIT.done;
      }),
    );

  config
    .command('unset <name>')
    .description('Give one setting its default back.')
    .addHelpText('after', examples([['the usual gap between requests', 'pixcrawler config unset crawl.delayMs']]))
    .action((name: string) =>
      run(async (session) => {
        const setting = await (await session.client('create')).settings.unset({ name });
        session.result(`${setting.name} is ${shown(setting) || 'empty'}, from the ${setting.from}.`, setting);
        return EXIT.done;
      }),
    );
}

function shown(setting: Setting): string {
  return harmless(String(setting.value));
}
