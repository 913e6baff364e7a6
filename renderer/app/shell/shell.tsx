import { Dialog } from 'radix-ui';
import { type ReactNode, useEffect, useState } from 'react';
import { useLocation } from 'wouter';
import { host } from '../../api/host.ts';
import { useCommands } from '../../keyboard/commands.ts';
import { t } from '../../messages/index.ts';
import { followDrags } from '../../stores/drags.ts';
import { useInterface } from '../../stores/interface.ts';
import { useOffline } from '../../stores/live.ts';
import { followOpened, useOpened } from '../../stores/opened.ts';
import { loadedLater } from '../../ui/loaded-later.tsx';
import { Toasts } from '../../ui/toasts.tsx';
import { Rail } from './rail.tsx';
import { useDrawer } from './rail-toggle.tsx';
import { StatusLine } from './status-line.tsx';
import { useEndedJobs } from './use-ended-jobs.ts';

const Palette = loadedLater(() => import('./palette.tsx'), { isOptional: true });
const OpenedDialog = loadedLater(() => import('../../features/datasets/opened-dialog.tsx'), { isOptional: true });
const KeyboardMap = loadedLater(() => import('./keyboard-map.tsx'), { isOptional: true });

/** The frame around every screen. */
export function Shell({ children }: { readonly children: ReactNode }) {
  const [location, navigate] = useLocation();
  const railCollapsed = useInterface((state) => state.railCollapsed);
  const setInterface = useInterface((state) => state.set);
  const isDrawerOpen = useDrawer((state) => state.open);
  const isOffline = useOffline();
  const [isPaletteOpen, setPaletteOpen] = useState(false);
  const [isMapOpen, setMapOpen] = useState(false);

  // biome-ignore lint/correctness/useExhaustiveDependencies: whoever goes somewhere has chosen from the drawer
  useEffect(() => useDrawer.setState({ open: false }), [location]);

  useEffect(followDrags, []);
  useEndedJobs();
  useEffect(followOpened, []);
  const opened = useOpened();

  useEffect(() => host.desktop?.onNavigate((path) => navigate(path)), [navigate]);

  useEffect(() => {
    // What no screen takes is refused: the browser would leave the interface to show the file.
    const refuse = (event: DragEvent) => {
      if (event.defaultPrevented || !event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = 'none';
    };
    window.addEventListener('dragover', refuse);
    return () => window.removeEventListener('dragover', refuse);
  }, []);

  useCommands('everywhere', [
    { id: 'app.palette', isHidden: true, run: () => setPaletteOpen(true) },
    { id: 'app.keys', run: () => setMapOpen(true) },
    { id: 'app.library', title: t.shell.goTo(t.shell.library), run: () => navigate('/') },
    { id: 'app.jobs', title: t.shell.goTo(t.shell.jobs), run: () => navigate('/jobs') },
    { id: 'app.settings', title: t.shell.goTo(t.shell.settings), run: () => navigate('/settings') },
    {
      id: 'app.theme',
      title: t.shell.toggleTheme,
      run: () => setInterface({ theme: document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark' }),
    },
    {
      id: 'app.rail',
      title: railCollapsed ? t.shell.expandRail : t.shell.collapseRail,
      run: () => setInterface({ railCollapsed: !railCollapsed }),
    },
  ]);

  return (
    <div className="shell">
      <a className="skip-link" href="#content">
        {t.shell.skipToContent}
      </a>
      <div className="rail-inline">
        <Rail collapsed={railCollapsed} onCollapse={() => setInterface({ railCollapsed: !railCollapsed })} />
      </div>
      <main id="content" className="main" tabIndex={-1}>
        {isOffline && (
          <div className="offline-bar" role="status">
            {t.shell.offline}
          </div>
        )}
        {children}
      </main>
      <StatusLine />
      <Dialog.Root open={isDrawerOpen} onOpenChange={(open) => useDrawer.setState({ open })}>
        <Dialog.Portal>
          <Dialog.Overlay className="overlay" />
          <Dialog.Content className="drawer" aria-describedby={undefined}>
            <Dialog.Title className="sr-only">{t.shell.navigation}</Dialog.Title>
            <Rail collapsed={false} />
          </Dialog.Content>
        </Dialog.Portal>
      </Dialog.Root>
      {isPaletteOpen && <Palette open onOpenChange={setPaletteOpen} />}
      {isMapOpen && <KeyboardMap open onOpenChange={setMapOpen} />}
      {opened.paths.length + opened.links.length > 0 && <OpenedDialog opened={opened} />}
      <Toasts />
    </div>
  );
}
