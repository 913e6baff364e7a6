import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { ValidateInput } from '../../shared/contract/validations.ts';
import { UsageError } from '../errors.ts';
import { runJobs } from '../follow.ts';
import { harmless } from '../format.ts';
import { examples } from '../help.ts';
import { oneOf, text } from '../options.ts';
import { absolutePath } from '../paths.ts';
import type { Run } from '../program.ts';
import { resolveDataset } from '../resolve.ts';
import { DATASET_ARGUMENT } from './datasets.ts';

const LEVELS = ['fast', 'medium', 'slow'] as const satisfies readonly NonNullable<ValidateInput['level']>[];

export function addValidate(program: Command, run: Run): void {
  program
    .command('validate')
    .argument('<dataset>', DATASET_ARGUMENT)
    .usage('DATASET [options]')
    .summary('judge every sample again')
    .description('Judge every sample again from what was measured. What a person decided stays.')
    .option(
      '--level <level>',
      'how thoroughly: fast, medium or slow (default: that of --rules, else slow)',
      oneOf(LEVELS),
    )
    .option('--rules <file>', 'a JSON file with thresholds that differ', text)
    .option('--dry-run', 'tell what would change and change nothing')
    .addHelpText(
      'after',
      examples([
        ['what would change', 'pixcrawler validate birds --level fast --dry-run'],
        ['thresholds of your own', 'pixcrawler validate birds --rules rules.json'],
      ]),
    )
    .action((reference: string, options: { level?: ValidateInput['level']; rules?: string; dryRun?: boolean }) =>
      run(async (session) => {
        const rules = options.rules === undefined ? {} : await readRules(absolutePath(session.host, options.rules));
        const dataset = await resolveDataset(await session.client(), reference);
        return runJobs(session, async (client) => [
          await client.validations.start({
            datasetId: dataset.id,
            rules,
            dryRun: options.dryRun === true,
            ...(options.level === undefined ? {} : { level: options.level }),
          }),
        ]);
      }),
    );
}

/** @throws UsageError that names the file and what is wrong with it */
async function readRules(path: string): Promise<Record<string, unknown>> {
  const where = `--rules ${harmless(path)}`;
  let content: string;
  try {
    content = await readFile(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const why = code === 'ENOENT' ? 'there is no such file' : (error as Error).message;
    throw new UsageError(`${where}: expected a readable JSON file, but ${why}.`);
  }
  let rules: unknown;
  try {
    rules = JSON.parse(content.replace(/^\ufeff/, ''));
  } catch (error) {
    throw new UsageError(`${where}: expected JSON, but ${harmless((error as Error).message)}.`);
  }
  if (typeof rules === 'object' && rules !== null && !Array.isArray(rules)) return rules as Record<string, unknown>;
  const came = Array.isArray(rules) ? 'a list' : rules === null ? 'null' : `a ${typeof rules}`;
  throw new UsageError(`${where}: expected an object of thresholds, got ${came}.`);
}
