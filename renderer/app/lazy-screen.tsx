import { type ComponentType, type ReactNode, useEffect, useState } from 'react';

/** A screen, and what loads it before there is something to show in it. */
export type LazyScreen<Props> = ((props: Props) => ReactNode) & { readonly load: () => Promise<unknown> };

const loaders: (() => Promise<unknown>)[] = [];

/** Loads every screen, so that going to one needs no host. One that fails is loaded when it is gone to. */
export async function loadAllScreens(): Promise<void> {
  for (const load of loaders) await load().catch(() => undefined);
}

/**
 * A screen that is loaded when it is first shown. Unlike `lazy` it leaves its place empty by itself: React shows what it
 * suspended for no sooner than 300 ms after the fallback, which is longer than the first page of a grid takes.
 */
export function lazyScreen<Props extends object>(
  load: () => Promise<{ readonly default: ComponentType<Props> }>,
): LazyScreen<Props> {
  let loaded: ComponentType<Props> | undefined;
  loaders.push(load);
  // biome-ignore lint/correctness/noComponentHookFactories: as with lazy, each screen is made once, at the top of a module
  function Screen(props: Props) {
    const [Loaded, setLoaded] = useState(() => loaded);
    const [failure, setFailure] = useState<{ readonly error: unknown } | null>(null);
    useEffect(() => {
      if (loaded !== undefined) return;
      load().then(
        (module) => {
          loaded = module.default;
          setLoaded(() => module.default);
        },
        (error) => setFailure({ error }),
      );
    }, []);
    // For the error boundary around the screens.
    if (failure !== null) throw failure.error;
    return Loaded === undefined ? null : <Loaded {...props} />;
  }
  return Object.assign(Screen, { load });
}
