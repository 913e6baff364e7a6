/** shell: what would be opened outside is recorded. */

import { recorded } from './recorded.ts';

export const shell = {
  openExternal: async (url: string): Promise<void> => {
    recorded.opened.externals.push(url);
  },
  openPath: async (path: string): Promise<string> => {
    recorded.opened.paths.push(path);
    return '';
  },
  showItemInFolder(path: string): void {
    recorded.opened.shown.push(path);
  },
  beep(): void {},
};
