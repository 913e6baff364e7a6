import { useMutation } from '@tanstack/react-query';
import { Link } from 'wouter';
import type { SettingName } from '../../../shared/settings.ts';
import type { HoldReason } from '../../../shared/vocabulary.ts';
import { client } from '../../api/client.ts';
import { host } from '../../api/host.ts';
import { t } from '../../messages/index.ts';
import { useLive, useOffline } from '../../stores/live.ts';
import { toast, toastError } from '../../stores/toasts.ts';
import { Button } from '../../ui/button.tsx';

interface Rule {
  readonly name: SettingName;
  /** The value that turns it off. */
  readonly off: string;
  /** Where it stands in the settings. */
  readonly section: 'desktop' | 'storage';
}

const RULES: Readonly<Record<HoldReason, Rule>> = {
  battery: { name: 'desktop.pauseBelowBatteryPercent', off: '0', section: 'desktop' },
  metered: { name: 'desktop.pauseOnMetered', off: 'false', section: 'desktop' },
  suspend: { name: 'desktop.pauseOnSuspend', off: 'false', section: 'desktop' },
  disk: { name: 'storage.waitForSpace', off: 'false', section: 'storage' },
};

/** Why no job runs at the moment, and the way to the rule that says so; nothing when jobs may run. */
export function HoldNotices() {
  const holds = useLive((state) => state.holds);
  return holds.map((reason) => <HoldNotice key={reason} reason={reason} />);
}

function HoldNotice({ reason }: { readonly reason: HoldReason }) {
  const { name, off, section } = RULES[reason];
  const isOffline = useOffline();
  const turnOff = useMutation({
    mutationFn: () => client.settings.set({ name, value: off }),
    onSuccess: () => toast(t.jobs.ruleOff),
    onError: toastError,
  });
  return (
    <div className="notice hold-notice" role="status">
      <span>{t.jobs.holdExplained(reason)}</span>
      <span className="ml-auto flex gap-2">
        <Button disabled={isOffline || turnOff.isPending} onClick={() => turnOff.mutate()}>
          {t.jobs.turnRuleOff}
        </Button>
        {(section !== 'desktop' || host.kind === 'desktop') && (
          <Link href={`/settings/${section}`} className="button" data-variant="plain">
            {t.jobs.ruleSettings}
          </Link>
        )}
      </span>
    </div>
  );
}
