/** Everything that can be done by key or by name: it feeds the keys and the palette. `key-map.ts` says which keys. */

import { useEffect, useRef } from 'react';
import { create } from 'zustand';
import { keyRowOf, type ScreenName } from './key-map.ts';
import { IS_MAC, isPress } from './keys.ts';

export interface Command {
  /** Unique, such as `browse.accept`; its keys are those of the key map. */
  readonly id: string;
  /** Default: what the key map says. */
  readonly title?: string;
  /** Default true. */
  readonly isEnabled?: boolean;
  /** Left out of the palette, where a key alone makes sense. Default false. */
  readonly isHidden?: boolean;
  /** @param keys the combination that was pressed; the first one where it was chosen by name */
  readonly run: (keys: string) => void;
}

interface Scope {
  readonly name: ScreenName;
  readonly commands: readonly Command[];
}

/** Scopes in the order they came; the last one is in front. */
export const useScopes = create<{ readonly scopes: readonly Scope[] }>()(() => ({ scopes: [] }));

/**
 * Offers commands while the component is there. The one that came last wins where two take the same key.
 * @param name the screen that the keyboard map shows in front
 */
export function useCommands(name: ScreenName, commands: readonly Command[]): void {
  const latest = useRef(commands);
  latest.current = commands;
  const shape = commands.map(({ id, title, isEnabled }) => `${id}\n${title}\n${isEnabled ?? true}`).join('\n\n');
  // biome-ignore lint/correctness/useExhaustiveDependencies: what runs is read when it runs; only what is shown is compared
  useEffect(() => {
    const scope: Scope = {
      name,
      commands: latest.current.map((command, index) => ({
        ...command,
        run: (keys) => latest.current[index]?.run(keys),
      })),
    };
    useScopes.setState(({ scopes }) => ({ scopes: [...scopes, scope] }));
    return () => useScopes.setState(({ scopes }) => ({ scopes: scopes.filter((each) => each !== scope) }));
  }, [name, shape]);
}

/** Does what the key of a command does, for a button that stands for it; nothing where no screen offers it. */
export function runCommand(id: string): void {
  const commands = useScopes.getState().scopes.flatMap((scope) => scope.commands);
  commands.findLast((command) => command.id === id && command.isEnabled !== false)?.run(keyRowOf(id)?.keys[0] ?? '');
}

const TEXT_FIELDS =
  'input:not([type="checkbox"]):not([type="radio"]):not([type="range"]), textarea, select, [contenteditable="true"]';

/** A dialog hides what commands act on. One that shows it says so. */
const DIALOGS = '[role="dialog"]:not([data-commands]), [role="alertdialog"]';

/** What moves by arrows without saying that it has taken the key. */
const MOVED_BY_ARROWS = 'input[type="radio"], input[type="range"]';

/** What answers to space or enter by itself, pressed alone. */
const ANSWERS = 'button, a, summary, input, [role="button"]';

/** Listens for keys until it is told to stop. Keys that type, or are pressed in a menu or dialog, are left alone. */
export function listenForKeys(): () => void {
  // Who clicks a button has the focus there without having gone there: then space is for the images.
  let isFocusPointed = false;
  const onPointerDown = () => {
    isFocusPointed = true;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Tab') isFocusPointed = false;
    const target = event.target instanceof Element ? event.target : null;
    const isBare = !event.ctrlKey && !event.metaKey && !event.altKey;
    // Radix keeps enter from ticking a box or a choice, also where it is pressed with another key.
    const isTaken = event.defaultPrevented && (isBare || target?.closest('[role="checkbox"], [role="radio"]') == null);
    if (isTaken || event.isComposing) return;
    const isTyping = target?.closest(TEXT_FIELDS) !== null && target !== null;
    const isInMenu = target?.closest('[role="menu"], [role="listbox"]:not(.sample-grid)') !== null && target !== null;
    if (target?.closest(DIALOGS)) return;
    if ((isTyping || isInMenu) && isBare) return;
    if (event.key.startsWith('Arrow') && target?.closest(MOVED_BY_ARROWS)) return;
    const { scopes } = useScopes.getState();
    for (const { commands } of [...scopes].reverse()) {
      for (const command of commands) {
        if (command.isEnabled === false) continue;
        const keys = keyRowOf(command.id)?.keys.find((each) => isPress(event, each, IS_MAC));
        if (keys === undefined) continue;
        // A field has an undo of its own.
        if (isTyping && /^app\.(undo|redo)$/.test(command.id)) return;
        const isAnswered = isBare && /^( |Enter)$/.test(event.key) && !isFocusPointed;
        if (isAnswered && target?.closest(ANSWERS) != null) return;
        event.preventDefault();
        command.run(keys);
        return;
      }
    }
  };
  window.addEventListener('pointerdown', onPointerDown, { capture: true });
  window.addEventListener('keydown', onKeyDown);
  return () => {
    window.removeEventListener('pointerdown', onPointerDown, { capture: true });
    window.removeEventListener('keydown', onKeyDown);
  };
}
