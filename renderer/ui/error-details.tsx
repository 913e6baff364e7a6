import { Copy } from 'lucide-react';
import { t } from '../messages/index.ts';
import { errorReport } from '../stores/error-report.ts';
import { toast, toastError } from '../stores/toasts.ts';
import { Button } from './button.tsx';

interface ErrorDetailsProps {
  readonly error: unknown;
  /** What was said of it: copied along. */
  readonly message: string;
}

/** What an error says besides its message, and a way to pass it on. */
export function ErrorDetails({ error, message }: ErrorDetailsProps) {
  const report = errorReport(error);
  const copy = () => {
    navigator.clipboard.writeText(`${message}\n${report}`).then(() => toast(t.ui.detailsCopied), toastError);
  };
  return (
    <div className="error-details">
      <pre>{report}</pre>
      <Button size="small" onClick={copy}>
        <Copy size={14} aria-hidden /> {t.ui.copyDetails}
      </Button>
    </div>
  );
}
