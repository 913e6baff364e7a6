import { useMutation } from '@tanstack/react-query';
import { CircleCheck, CircleX, type LucideIcon, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import type { DoctorReport } from '../../../shared/contract/doctor.ts';
import { client } from '../../api/client.ts';
import { queryClient } from '../../api/query.ts';
import { t } from '../../messages/index.ts';
import { useOffline } from '../../stores/live.ts';
import { Button } from '../../ui/button.tsx';
import { Checkbox } from '../../ui/checkbox.tsx';
import { ErrorState } from '../../ui/error-state.tsx';
import { LostFile } from '../../ui/lost-file.tsx';

type Check = DoctorReport['checks'][number];

const LOOKS: Readonly<Record<Check['state'], LucideIcon>> = {
  ok: CircleCheck,
  warning: TriangleAlert,
  error: CircleX,
};

/** Whether all that was stored is there and whole, and what can be put right. */
export function HealthSettings() {
  const isOffline = useOffline();
  const [all, setAll] = useState(false);
  const check = useMutation({
    mutationFn: (repair: boolean) => client.doctor.run({ all, repair }),
    onSuccess: (_report, repair) => {
      if (repair) void queryClient.invalidateQueries();
    },
  });
  const isBusy = check.isPending || isOffline;
  return (
    <section className="part" aria-label={t.settings.sections.health}>
      <Checkbox checked={all} onCheckedChange={setAll} disabled={isBusy}>
        {t.settings.checkAll}
      </Checkbox>
      <div className="mt-2 flex flex-wrap gap-2">
        <Button variant="primary" disabled={isBusy} onClick={() => check.mutate(false)}>
          {t.settings.check}
        </Button>
        <Button disabled={isBusy} onClick={() => check.mutate(true)}>
          {t.settings.checkRepair}
        </Button>
      </div>
      <p className="hint mt-2">{t.settings.repairHint}</p>
      <div aria-live="polite" className="mt-4">
        {check.isPending && <p>{t.settings.checking}</p>}
        {check.isError && !check.isPending && <ErrorState title={t.settings.checkFailed} error={check.error} />}
        {check.data !== undefined && !check.isPending && (
          <>
            <p className="mb-2 font-medium">{check.data.ok ? t.settings.checkOk : t.settings.checkBad}</p>
            <ul className="checks">
              {check.data.checks.map((each) => (
                <CheckRow key={each.name} check={each} />
              ))}
            </ul>
          </>
        )}
      </div>
    </section>
  );
}

function CheckRow({ check: { name, state, message, repaired, remedy, affected } }: { readonly check: Check }) {
  const Icon = LOOKS[state];
  return (
    <li className="check" data-state={state}>
      <Icon size={16} aria-hidden />
      <span className="font-medium">
        {t.settings.checkNames[name] ?? name}
        <span className="sr-only">: {t.settings.checkStates[state]}</span>
      </span>
      <span className="min-w-0 break-words">
        {message}
        {repaired !== null && <span className="block text-accepted">{repaired}</span>}
        {remedy !== null && <span className="block">{remedy}</span>}
      </span>
      {affected.length > 0 && (
        <ul className="check-samples" aria-label={t.settings.affected}>
          {affected.map(({ sha256, name, from, problem, datasets }) => (
            <LostFile
              key={sha256}
              sha256={sha256}
              name={name ?? from}
              reason={problem}
              place={datasets.map(({ project, dataset }) => `${project}/${dataset}`).join(', ')}
            />
          ))}
        </ul>
      )}
    </li>
  );
}
