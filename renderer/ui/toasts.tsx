import { X } from 'lucide-react';
import { useEffect, useId, useState } from 'react';
import { t } from '../messages/index.ts';
import { useLive } from '../stores/live.ts';
import { type Toast, useToasts } from '../stores/toasts.ts';
import { Button } from './button.tsx';
import { ErrorDetails } from './error-details.tsx';
import { IconButton } from './icon-button.tsx';

const SHOWN_MS = 6_000;
/** What offers a step, or went wrong, is read more slowly. */
const SHOWN_LONG_MS = 12_000;

/** What has just happened, told to eyes and screen readers. */
export function Toasts() {
  const toasts = useToasts((state) => state.toasts);
  return (
    <section className="toasts" aria-live="polite" aria-label={t.ui.notifications}>
      {toasts.map((toast) => (
        <ToastView key={toast.id} toast={toast} />
      ))}
    </section>
  );
}

function ToastView({ toast }: { readonly toast: Toast }) {
  const dismiss = useToasts((state) => state.dismiss);
  const { whileJob } = toast;
  const isOver = useLive(({ jobs }) => whileJob !== null && jobs[whileJob.id]?.state !== whileJob.state);
  const shownMs = toast.action === null && toast.tone === 'quiet' ? SHOWN_MS : SHOWN_LONG_MS;
  const detailsId = useId();
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    // Whoever reads the details is not interrupted.
    if (isOpen) return undefined;
    const timer = setTimeout(() => dismiss(toast.id), shownMs);
    return () => clearTimeout(timer);
  }, [dismiss, toast.id, shownMs, isOpen]);
  if (isOver) return null;
  return (
    <div className="toast" data-tone={toast.tone}>
      <span className="toast-text" title={toast.text}>
        {toast.text}
      </span>
      {toast.action !== null && (
        <Button
          size="small"
          onClick={() => {
            toast.action?.run();
            dismiss(toast.id);
          }}
        >
          {toast.action.label}
        </Button>
      )}
      {toast.error !== undefined && (
        <Button
          size="small"
          variant="ghost"
          aria-expanded={isOpen}
          aria-controls={detailsId}
          onClick={() => setOpen(!isOpen)}
        >
          {t.ui.details}
        </Button>
      )}
      <IconButton label={t.ui.dismiss} icon={X} onClick={() => dismiss(toast.id)} />
      {isOpen && (
        <div id={detailsId} className="toast-details">
          <ErrorDetails error={toast.error} message={toast.text} />
        </div>
      )}
    </div>
  );
}
