import { QueryClientProvider } from '@tanstack/react-query';
import { Tooltip } from 'radix-ui';
import { useEffect } from 'react';
import { listen } from '../api/events.ts';
import { queryClient } from '../api/query.ts';
import { listenForKeys } from '../keyboard/commands.ts';
import { Routes } from './routes.tsx';
import { Shell } from './shell/shell.tsx';

export function App() {
  useEffect(() => {
    const stop = new AbortController();
    const stopKeys = listenForKeys();
    void listen(stop.signal);
    return () => {
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
