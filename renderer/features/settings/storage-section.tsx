import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Setting } from '../../../shared/contract/settings.ts';
import { client } from '../../api/client.ts';
import { api } from '../../api/query.ts';
import { formatBytes } from '../../messages/format.ts';
import { t } from '../../messages/index.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Checkbox } from '../../ui/checkbox.tsx';
import { SettingField } from './setting-field.tsx';

const TONES = { ok: 'accepted', warning: 'quarantined', error: 'rejected' } as const;

/** Where everything lies, how large it is, and whether it is whole. */
export function StorageSection({ settings }: { readonly settings: readonly Setting[] }) {
  const { data: info } = useQuery(api.library.info.queryOptions());
  return (
    <>
      {info !== undefined && (
        <dl className="facts">
          <dt>{t.settings.dataDirectory}</dt>
          <dd>{info.dataDirectory}</dd>
          <dt>{t.settings.images}</dt>
          <dd>{t.settings.library(info.imageCount, info.imageBytes)}</dd>
          <dt>{t.settings.database}</dt>
          <dd>{formatBytes(info.databaseBytes)}</dd>
          <dt>{t.settings.thumbnails}</dt>
          <dd>{formatBytes(info.thumbnailBytes)}</dd>
          <dt>{t.settings.disk}</dt>
          <dd>{t.settings.diskFree(info.freeBytes, info.totalBytes)}</dd>
          <dt>{t.settings.version}</dt>
          <dd>{info.version}</dd>
        </dl>
      )}
      {settings
        .filter(({ name }) => name.startsWith('storage.'))
        .map((setting) => (
          <SettingField key={setting.name} setting={setting} />
        ))}
      <Doctor />
    </>
  );
}

function Doctor() {
  const [repair, setRepair] = useState(false);
  const run = useMutation({ mutationFn: () => client.doctor.run({ all: false, repair }) });
  return (
    <section className="grid gap-3" aria-labelledby="doctor">
      <h3 id="doctor">{t.settings.doctor}</h3>
      <p className="text-ink-quiet">{t.settings.doctorHint}</p>
      <Checkbox checked={repair} onCheckedChange={setRepair}>
        {t.settings.doctorRepair}
      </Checkbox>
      <Button className="justify-self-start" disabled={run.isPending} onClick={() => run.mutate()}>
        {run.isPending ? t.settings.doctorRunning : t.settings.doctorRun}
      </Button>
      {run.isError && (
        <p className="notice" data-tone="error" role="alert">
          {run.error.message}
        </p>
      )}
      {run.data !== undefined && (
        <div role="status">
          {run.data.checks.map((check) => (
            <div key={check.name} className="check-result">
              <Badge tone={TONES[check.state]}>{t.settings.states[check.state]}</Badge>
              <span>
                <strong>{check.name}</strong> {check.message}
                {check.repaired !== null && <span className="block text-accepted">{check.repaired}</span>}
              </span>
            </div>
          ))}
        </div>
      )}
    </section>
  );
}
