import { Component, type ReactNode, useEffect } from 'react';
import { Link } from 'wouter';
import { t } from '../messages/index.ts';
import { onReconnected, useOffline } from '../stores/live.ts';
import { Button } from '../ui/button.tsx';
import { Disclosure } from '../ui/disclosure.tsx';
import { ErrorDetails } from '../ui/error-details.tsx';
import { LoadFailure } from '../ui/loaded-later.tsx';

interface ErrorBoundaryProps {
  /** Another address starts afresh. */
  readonly place: string;
  readonly children: ReactNode;
}

interface ErrorBoundaryState {
  readonly error: Error | null;
  readonly place: string;
}

/** A screen that breaks leaves the rest of the interface standing. */
export class ErrorBoundary extends Component<ErrorBoundaryProps, ErrorBoundaryState> {
  override state: ErrorBoundaryState = { error: null, place: this.props.place };

  static getDerivedStateFromError(error: Error): Partial<ErrorBoundaryState> {
    return { error };
  }

  static getDerivedStateFromProps({ place }: ErrorBoundaryProps, state: ErrorBoundaryState) {
    return place === state.place ? null : { error: null, place };
  }

  override render(): ReactNode {
    const { error } = this.state;
    return error === null ? (
      this.props.children
    ) : (
      <BrokenScreen error={error} onRetry={() => this.setState({ error: null })} />
    );
  }
}

interface BrokenScreenProps {
  readonly error: Error;
  readonly onRetry: () => void;
}

function BrokenScreen({ error, onRetry }: BrokenScreenProps) {
  const isOffline = useOffline();
  // What did not come while the host was away comes by itself when it is back.
  useEffect(() => (error instanceof LoadFailure ? onReconnected(onRetry) : undefined), [error, onRetry]);
  return (
    <div className="state" role="alert">
      <h1 className="state-title">{isOffline ? t.shell.screenUnreachable : t.shell.screenFailed}</h1>
      <p className="state-text">{isOffline ? t.shell.screenUnreachableHint : t.shell.screenFailedHint}</p>
      <Disclosure title={t.ui.details} className="state-details">
        <ErrorDetails error={error} message={error.message} />
      </Disclosure>
      <div className="state-actions">
        {/* Afresh from the host: the page may be older than what it is served by. */}
        <Button variant="primary" disabled={isOffline} onClick={() => window.location.reload()}>
          {t.shell.openAgain}
        </Button>
        <Link href="/" className="button" data-variant="plain">
          {t.shell.toLibrary}
        </Link>
      </div>
    </div>
  );
}
