/** The contract, bound to an open library: each feature gives its own part. */

import type { RunningCore } from './core.ts';
import { crawlProcedures } from './crawl/crawl-procedures.ts';
import { importProcedures } from './crawl/import-procedures.ts';
import { datasetProcedures } from './datasets/dataset-procedures.ts';
import { DecisionMaker } from './decisions/decision-maker.ts';
import { decisionProcedures } from './decisions/decision-procedures.ts';
import { dragProcedures } from './drags/drag-procedures.ts';
import { duplicateProcedures } from './duplicates/duplicate-procedures.ts';
import { idOf, withIds } from './events/event-ids.ts';
import { exportProcedures } from './exports/export-procedures.ts';
import { listFolder } from './files/list-folder.ts';
import { jobProcedures } from './jobs/job-procedures.ts';
import { ruleProcedures } from './judge/rule-procedures.ts';
import { libraryInfo, libraryStorage } from './library-info.ts';
import { type ContractRouter, createProcedures } from './procedures.ts';
import { projectProcedures } from './projects/project-procedures.ts';
import { sampleProcedures } from './samples/sample-procedures.ts';
import { settingProcedures } from './settings/setting-procedures.ts';
import { sourceProcedures } from './sources/source-procedures.ts';
import { uploadProcedures } from './uploads/upload-procedures.ts';
import { validationProcedures } from './validations/validation-procedures.ts';

export function createRouter({ services, runner, drags, version }: RunningCore): ContractRouter {
  const os = createProcedures(services.log);
  const decisions = new DecisionMaker(services);
  return os.router({
    projects: projectProcedures(os, services, runner),
    datasets: datasetProcedures(os, services, runner),
    samples: sampleProcedures(os, services),
    decisions: decisionProcedures(os, decisions),
    duplicates: duplicateProcedures(os, services, decisions),
    crawls: crawlProcedures(os, services, runner),
    imports: importProcedures(os, services, runner),
    validations: validationProcedures(os, services, runner),
    exports: exportProcedures(os, services, runner),
    drags: dragProcedures(os, drags),
    jobs: jobProcedures(os, services, runner),
    events: {
      watch: os.events.watch.handler(({ input, signal, lastEventId }) =>
        withIds(services.events.watch(input.afterEventId ?? idOf(lastEventId), signal)),
      ),
    },
    settings: settingProcedures(os, services),
    sources: sourceProcedures(os, services),
    rules: ruleProcedures(os, services),
    library: {
      info: os.library.info.handler(() => libraryInfo(services, version)),
      storage: os.library.storage.handler(() => libraryStorage(services)),
    },
    uploads: uploadProcedures(os, services.uploads),
    files: { list: os.files.list.handler(({ input }) => listFolder(input.path)) },
    doctor: {
      run: os.doctor.run.handler(async ({ input }) => {
        const { examine } = await import('./doctor/doctor.ts');
        return examine(services, input);
      }),
    },
  });
}
