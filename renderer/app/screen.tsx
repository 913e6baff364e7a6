import { Fragment, type ReactNode, useEffect } from 'react';
import { Link } from 'wouter';
import { t } from '../messages/index.ts';
import { FrameTools } from './shell/frame-tools.tsx';
import { RailToggle } from './shell/rail-toggle.tsx';

interface ScreenProps {
  /** '' until it is known, or where there is nothing. */
  readonly title: string;
  /** What stands above this screen, from the library down. */
  readonly trail?: readonly { readonly title: string; readonly href: string }[];
  /** Beside the title: the screens next to this one. */
  readonly tabs?: ReactNode;
  readonly actions?: ReactNode;
  /** Whether the screen scrolls parts of itself, and not as a whole. Default false. */
  readonly fixed?: boolean;
  readonly children: ReactNode;
}

/** The bar that says where one is, and the screen below it. */
export function Screen({ title, trail = [], tabs, actions, fixed = false, children }: ScreenProps) {
  const names = [...trail.map((step) => step.title), title].filter((name) => name !== '');
  const documentTitle = t.shell.title(...names.toReversed());
  useEffect(() => {
    document.title = documentTitle;
  }, [documentTitle]);
  return (
    <>
      <header className="top-bar">
        <RailToggle />
        <nav className="breadcrumb" aria-label={t.shell.breadcrumb}>
          {trail.map((step, place) => (
            <Fragment key={step.href}>
              <Link href={step.href}>{step.title}</Link>
              {place < names.length - 1 && <span aria-hidden>/</span>}
            </Fragment>
          ))}
          <h1>{title}</h1>
        </nav>
        {tabs}
        <div className="top-bar-actions">{actions}</div>
        <FrameTools />
      </header>
      <div className="screen" data-fixed={fixed || undefined}>
        {children}
      </div>
    </>
  );
}
