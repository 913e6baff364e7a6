import type { Command } from 'commander';
import { EXIT } from '../errors.ts';
import { formatBytes, formatCount, harmless, plural } from '../format.ts';
import { examples } from '../help.ts';
import { withTimes } from '../json.ts';
import { rankedReasons } from '../meter.ts';
import type { Run } from '../program.ts';
import { resolveDataset } from '../resolve.ts';
import { renderPairs } from '../table.ts';
import { DATASET_ARGUMENT } from './datasets.ts';

export function addStats(program: Command, run: Run): void {
  program
    .command('stats')
    .argument('<dataset>', DATASET_ARGUMENT)
    .usage('DATASET')
    .summary('count a dataset by status, label, reason and more')
    .description('How many samples of each status, label, reason, format, source, licence and split.')
    .addHelpText('after', examples([['by reason', 'pixcrawler --json stats birds | jq .byReason']]))
    .action((reference: string) =>
      run(async (session) => {
        const { out } = session;
        const client = await session.client();
        const { id } = await resolveDataset(client, reference);
        const stats = await client.datasets.stats({ id });
        if (session.json) {
          out.json({ ...stats, dataset: withTimes(stats.dataset) });
          return EXIT.done;
        }
        const { bold } = out.colours;
        const { projectName, name, sampleCount } = stats.dataset;
        const title = bold(`${harmless(projectName)}/${harmless(name)}`);
        out.line(`${title}: ${plural(sampleCount, 'sample')}, ${formatBytes(stats.sizeBytes)}`);
        const facets = [
          ['Status', stats.byStatus],
          ['Label', stats.byLabel],
          ['Reason', stats.byReason],
          ['Format', stats.byFormat],
          ['Source', stats.bySource],
          ['Licence', stats.byLicence],
          ['Split', stats.bySplit],
        ] as const;
        for (const [facet, counts] of facets) {
          const ranked = rankedReasons(counts).filter(([, count]) => count > 0);
          if (ranked.length === 0) continue;
          out.line(bold(facet));
          out.lines(renderPairs(ranked.map(([value, count]) => [harmless(value) || '(none)', formatCount(count)])));
        }
        return EXIT.done;
      }),
    );
}
