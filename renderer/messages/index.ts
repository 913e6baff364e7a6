/** Every text of the interface, by feature. One language for now; another is another set of the same shape. */

import { crawls } from './en/crawls.ts';
import { datasets } from './en/datasets.ts';
import { drags } from './en/drags.ts';
import { duplicates } from './en/duplicates.ts';
import { exif } from './en/exif.ts';
import { exports } from './en/exports.ts';
import { jobs } from './en/jobs.ts';
import { onboarding } from './en/onboarding.ts';
import { samples } from './en/samples.ts';
import { settings } from './en/settings.ts';
import { shell } from './en/shell.ts';
import { ui } from './en/ui.ts';

export const t = { ui, shell, datasets, crawls, drags, samples, exif, duplicates, jobs, exports, settings, onboarding };
