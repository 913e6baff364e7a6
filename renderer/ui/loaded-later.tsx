import { type ComponentType, type ReactNode, useEffect, useState } from 'react';
import { onReconnected } from '../stores/live.ts';

/** A part of the interface, and what loads it before there is something to show in it. */
export type LoadedLater<Props> = ((props: Props) => ReactNode) & { readonly load: () => Promise<unknown> };

/** A part that did not come: the host was away, or has another build than the page. */
export class LoadFailure extends Error {}

interface Options {
  /** Whether the screen does without it until the host is back. Default false: the error boundary shows what is wrong. */
  readonly isOptional?: boolean;
}

const loaders: (() => Promise<unknown>)[] = [];

/** Loads every part, so that going to one needs no host. One that fails is loaded when it is gone to. */
export async function loadEverything(): Promise<void> {
  for (const load of loaders) await load().catch(() => undefined);
}

/**
 * A part that is loaded when it is first shown. Unlike `lazy` it leaves its place empty by itself: React shows what it
 * suspended for no sooner than 300 ms after the fallback, which is longer than the first page of a grid takes.
 */
export function loadedLater<Props extends object>(
  load: () => Promise<{ readonly default: ComponentType<Props> }>,
  { isOptional = false }: Options = {},
): LoadedLater<Props> {
  let loaded: ComponentType<Props> | undefined;
  loaders.push(load);
  // biome-ignore lint/correctness/noComponentHookFactories: as with lazy, each part is made once, at the top of a module
  function Part(props: Props) {
    const [Loaded, setLoaded] = useState(() => loaded);
    const [failure, setFailure] = useState<LoadFailure | null>(null);
    useEffect(() => {
      if (loaded !== undefined) return;
      const attempt = () =>
        load().then(
          (module) => {
            loaded = module.default;
            setLoaded(() => module.default);
          },
          (cause: unknown) => {
            if (!isOptional) setFailure(new LoadFailure(cause instanceof Error ? cause.message : '', { cause }));
          },
        );
      void attempt();
      return isOptional ? onReconnected(() => loaded === undefined && void attempt()) : undefined;
    }, []);
    if (failure !== null) throw failure;
    return Loaded === undefined ? null : <Loaded {...props} />;
  }
  return Object.assign(Part, { load });
}
