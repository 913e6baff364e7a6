import type { ShownInFolder } from '../../../shared/host-bridge.ts';
import { host } from '../../api/host.ts';
import { toastError } from '../../stores/toasts.ts';

/** Shows something in the system's file manager; null in a browser, which has none. */
export const showInFolder =
  host.desktop === undefined
    ? null
    : (shown: ShownInFolder): void => {
        host.desktop?.showInFolder(shown).catch(toastError);
      };
