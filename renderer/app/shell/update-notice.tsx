import { useMutation } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { host } from '../../api/host.ts';
import { t } from '../../messages/index.ts';
import { toastError } from '../../stores/toasts.ts';
import { Button } from '../../ui/button.tsx';

/** A newer version that waits for the end of the program, and the way not to wait. Nothing in a browser. */
export function UpdateNotice() {
  const [version, setVersion] = useState<string | null>(null);
  useEffect(() => host.desktop?.onState(({ updateVersion }) => setVersion(updateVersion)), []);
  const install = useMutation({ mutationFn: async () => host.desktop?.installUpdate(), onError: toastError });
  if (version === null) return null;
  return (
    <span role="status">
      {t.shell.updateReady(version)}{' '}
      <Button variant="plain" disabled={install.isPending} onClick={() => install.mutate()}>
        {t.shell.updateNow}
      </Button>
    </span>
  );
}
