import { CircleAlert } from 'lucide-react';
import { Link } from 'wouter';
import { isMissing } from '../api/query.ts';
import { t } from '../messages/index.ts';
import { Button } from './button.tsx';
import { Disclosure } from './disclosure.tsx';
import { ErrorDetails } from './error-details.tsx';

interface ErrorStateProps {
  /** What could not be shown. */
  readonly title: string;
  readonly error: unknown;
  readonly onRetry?: () => void;
}

/** What happened, what it means, and what to do; the code is for whoever is asked for help. */
export function ErrorState({ title, error, onRetry }: ErrorStateProps) {
  const message = error instanceof Error ? error.message : String(error);
  return (
    <div className="state" role="alert">
      <CircleAlert className="state-icon" size={32} strokeWidth={1.5} aria-hidden />
      <h2 className="state-title">{title}</h2>
      <p className="state-text">{message}</p>
      <Disclosure title={t.ui.details} className="state-details">
        <ErrorDetails error={error} message={message} />
      </Disclosure>
      {(isMissing(error) || onRetry !== undefined) && (
        <div className="state-actions">
          {isMissing(error) ? (
            <Link href="/" className="button" data-variant="primary">
              {t.shell.toLibrary}
            </Link>
          ) : (
            <Button onClick={onRetry}>{t.ui.retry}</Button>
          )}
        </div>
      )}
    </div>
  );
}
