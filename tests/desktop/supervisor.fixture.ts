/** A program of nothing but the supervisor, over a core that stays and does nothing, for a test of the supervisor alone. */

import { fileURLToPath } from 'node:url';
import { app, safeStorage } from 'electron';
import { createCoreSupervisor } from '../../electron/core-supervisor.ts';
import { createMainKeychain } from '../../electron/keychain.ts';

const idle = fileURLToPath(new URL('./idle-core.fixture.ts', import.meta.url));

void app.whenReady().then(() => {
  const supervisor = createCoreSupervisor({
    entry: idle,
    workerEntry: idle,
    start: { dataDirectory: app.getPath('userData'), create: 'if-new', version: '0.0.0', interfacePath: '' },
    holds: () => [],
    environment: {},
    keychain: createMainKeychain(safeStorage, process.platform),
    log: { path: '', write: () => undefined, error: () => undefined },
    onFailed: () => undefined,
  });
  supervisor.start();
  Object.assign(globalThis, { supervisor });
});
