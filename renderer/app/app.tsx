import { QueryClientProvider } from '@tanstack/react-query';
import { Tooltip } from 'radix-ui';
import { useEffect } from 'react';
import { listen } from '../api/events.ts';
import { queryClient } from '../api/query.ts';
import { listenForKeys } from '../keyboard/commands.ts';
import { loadEverything } from '../ui/loaded-later.tsx';
import { Routes } from './routes.tsx';
import { Shell } from './shell/shell.tsx';

/** After what is on screen has had the line to itself. */
const LOAD_REST_AFTER_MS = 4_000;

export function App() {
  useEffect(() => {
    const stop = new AbortController();
    const stopKeys = listenForKeys();
    void listen(stop.signal);
    const timer = setTimeout(() => void loadEverything(), LOAD_REST_AFTER_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
      stopKeys();
    };
  }, []);
  return (
    <QueryClientProvider client={queryClient}>
      <Tooltip.Provider delayDuration={500}>
        <Shell>
          <Routes />
        </Shell>
      </Tooltip.Provider>
    </QueryClientProvider>
  );
}
