/** Every procedure of the core, once. The router, REST API, OpenAPI document and all clients come from here. */

import { crawls } from './crawls.ts';
import { datasets } from './datasets.ts';
import { decisions } from './decisions.ts';
import { doctor } from './doctor.ts';
import { drags } from './drags.ts';
import { duplicates } from './duplicates.ts';
import { events } from './events.ts';
import { exports } from './exports.ts';
import { files } from './files.ts';
import { imports } from './imports.ts';
import { jobs } from './jobs.ts';
import { library } from './library.ts';
import { projects } from './projects.ts';
import { rules } from './rules.ts';
import { samples } from './samples.ts';
import { settings } from './settings.ts';
import { sources } from './sources.ts';
import { uploads } from './uploads.ts';
import { validations } from './validations.ts';

export const contract = {
  projects,
  datasets,
  samples,
  decisions,
  duplicates,
  crawls,
  imports,
  validations,
  exports,
  drags,
  jobs,
  events,
  settings,
  sources,
  rules,
  library,
  files,
  uploads,
  doctor,
};
