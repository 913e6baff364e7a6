/** Everything that can be done by key or by name: it feeds the keys, the palette and the keyboard map. */

import { useEffect, useRef } from 'react';
import { create } from 'zustand';
import { isPress } from './keys.ts';

export interface Command {
  /** Unique, such as `samples.accept`. */
  readonly id: string;
  readonly title: string;
  /** Combinations as in `keys.ts`, the one to show first; none for what only the palette offers. */
  readonly keys?: readonly string[];
  /** Default true. */
  readonly isEnabled?: boolean;
  /** Left out of the palette, where a key alone makes sense. Default false. */
  readonly isHidden?: boolean;
  readonly run: () => void;
}

interface Scope {
  readonly name: string;
  readonly commands: readonly Command[];
}

/** Scopes in the order they came; the last one is in front. */
export const useScopes = create<{ readonly scopes: readonly Scope[] }>()(() => ({ scopes: [] }));

export const IS_MAC = /mac|iphone|ipad/i.test(navigator.userAgent);

/**
 * Offers commands while the component is there. The one that came last wins where two take the same key.
 * @param name shown above them in the keyboard map
 */
export function useCommands(name: string, commands: readonly Command[]): void {
  const latest = useRef(commands);
  latest.current = commands;
  const shape = commands.map(({ id, title, isEnabled }) => `${id}\n${title}\n${isEnabled ?? true}`).join('\n\n');
  // biome-ignore lint/correctness/useExhaustiveDependencies: what runs is read when it runs; only what is shown is compared
  useEffect(() => {
    const scope: Scope = {
      name,
      commands: latest.current.map((command, index) => ({ ...command, run: () => latest.current[index]?.run() })),
    };
    useScopes.setState(({ scopes }) => ({ scopes: [...scopes, scope] }));
    return () => useScopes.setState(({ scopes }) => ({ scopes: scopes.filter((each) => each !== scope) }));
  }, [name, shape]);
}

const TEXT_FIELDS =
  'input:not([type="checkbox"]):not([type="radio"]):not([type="range"]), textarea, select, [contenteditable="true"]';

/** A dialog hides what commands act on. One that shows it says so. */
const DIALOGS = '[role="dialog"]:not([data-commands]), [role="alertdialog"]';

/** Listens for keys until it is told to stop. Keys that type, or are pressed in a menu or dialog, are left alone. */
export function listenForKeys(): () => void {
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing) return;
    const target = event.target instanceof Element ? event.target : null;
    const isTyping = target?.closest(TEXT_FIELDS) !== null && target !== null;
    const isInMenu = target?.closest('[role="menu"], [role="listbox"]:not(.sample-grid)') !== null && target !== null;
    const isBare = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (target?.closest(DIALOGS)) return;
    if ((isTyping || isInMenu) && isBare) return;
    const { scopes } = useScopes.getState();
    for (const { commands } of [...scopes].reverse()) {
      const command = commands.find(
        (each) => each.isEnabled !== false && each.keys?.some((keys) => isPress(event, keys, IS_MAC)),
      );
      if (command === undefined) continue;
      // A field has an undo of its own.
      if (isTyping && /^app\.(undo|redo)$/.test(command.id)) return;
      // A focused button answers to space and enter by itself.
      if (/^( |Enter)$/.test(event.key) && target?.closest('button, a, summary, [role="button"]') != null) return;
      event.preventDefault();
      command.run();
      return;
    }
  };
  window.addEventListener('keydown', onKeyDown);
  return () => window.removeEventListener('keydown', onKeyDown);
}
