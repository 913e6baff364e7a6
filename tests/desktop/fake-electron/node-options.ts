/** What Electron takes out of the environment of its processes before a program runs (node_bindings.cc, SetNodeOptions). */

import { configuration } from './configuration.ts';

/** Changes and returns it. The fuse that does this is flipped in packages only. */
export function withoutNodeOptions(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  if (configuration.machine.isPackaged) {
    for (const name of ['NODE_EXTRA_CA_CERTS', 'NODE_OPTIONS']) Reflect.deleteProperty(environment, name);
  }
  return environment;
}
