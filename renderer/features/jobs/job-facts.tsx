import { Copy } from 'lucide-react';
import { useId } from 'react';
import type { Job } from '../../../shared/contract/jobs.ts';
import { formatBytes, formatCount, formatDuration } from '../../messages/format.ts';
import { t } from '../../messages/index.ts';
import { toast, toastError } from '../../stores/toasts.ts';
import { Disclosure } from '../../ui/disclosure.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { factValues } from './fact-values.ts';

/** What an export wrote or a validation found. */
export function JobResult({ job: { result } }: { readonly job: Job }) {
  const id = useId();
  if (result === null) return null;
  const facts = Object.entries(t.jobs.resultNames).filter(([name]) => result[name] !== undefined);
  if (facts.length === 0) return null;
  const warnings = Array.isArray(result.warnings) ? result.warnings.map(String) : [];
  return (
    <section className="part" aria-labelledby={id}>
      <h2 id={id}>{t.jobs.result}</h2>
      <dl className="facts">
        {facts.map(([name, title]) => (
          <div key={name} className="fact">
            <dt>{title}</dt>
            <dd>{name === 'outPath' ? <Path path={String(result[name])} /> : resultText(name, result[name])}</dd>
          </div>
        ))}
      </dl>
      {warnings.map((warning) => (
        <p key={warning} className="notice mt-2">
          {warning}
        </p>
      ))}
    </section>
  );
}

function resultText(name: string, value: unknown): string {
  if (typeof value === 'boolean') return value ? t.jobs.yes : t.jobs.no;
  if (name === 'bytes') return formatBytes(Number(value));
  if (name.endsWith('Ms')) return formatDuration(Number(value));
  return formatCount(Number(value));
}

function Path({ path }: { readonly path: string }) {
  const copy = () => {
    navigator.clipboard.writeText(path).then(() => toast(t.jobs.copied), toastError);
  };
  return (
    <span className="inline-flex items-center gap-1">
      <code className="select-all break-all">{path}</code>
      <IconButton label={t.jobs.copyPath} icon={Copy} onClick={copy} />
    </span>
  );
}

/** What the job was started with, folded away. */
export function JobRequest({ job }: { readonly job: Job }) {
  const facts = Object.entries(t.jobs.parameterNames).flatMap(([name, title]) => {
    const values = factValues(name, job.parameters[name]);
    return values.length === 0 ? [] : [{ title, values }];
  });
  if (facts.length === 0) return null;
  return (
    <Disclosure title={t.jobs.asked} className="part">
      <dl className="facts mt-2">
        {facts.map(({ title, values }) => (
          <div key={title} className="fact">
            <dt>{title}</dt>
            <dd>
              {values.map((value) => (
                <span key={value} className="block break-all">
                  {value}
                </span>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </Disclosure>
  );
}
