import { Command, Keyboard, Redo2, Undo2 } from 'lucide-react';
import { runCommand } from '../../keyboard/commands.ts';
import { shownKey } from '../../keyboard/key-map.ts';
import { t } from '../../messages/index.ts';
import { useOffline } from '../../stores/live.ts';
import { useUndoable } from '../../stores/undoable.ts';
import { IconButton } from '../../ui/icon-button.tsx';

/** The way back, the command palette and the key map, on every screen for who has no hand at the keyboard. */
export function FrameTools() {
  const { undo, redo } = useUndoable();
  const isOffline = useOffline();
  return (
    <fieldset className="frame-tools" aria-label={t.shell.tools}>
      <IconButton
        label={undo === null ? t.shell.noUndo : t.shell.undoOf(undo)}
        icon={Undo2}
        keys={shownKey('app.undo')}
        // Not `disabled`: the focus would be lost with the last step, and there would be no word why.
        aria-disabled={undo === null || isOffline}
        onClick={() => undo !== null && !isOffline && runCommand('app.undo')}
      />
      <IconButton
        label={redo === null ? t.shell.noRedo : t.shell.redoOf(redo)}
        icon={Redo2}
        keys={shownKey('app.redo')}
        aria-disabled={redo === null || isOffline}
        onClick={() => redo !== null && !isOffline && runCommand('app.redo')}
      />
      <IconButton
        label={t.shell.palette}
        icon={Command}
        keys={shownKey('app.palette')}
        onClick={() => runCommand('app.palette')}
      />
      <IconButton
        label={t.shell.keyboardMap}
        icon={Keyboard}
        keys={shownKey('app.keys')}
        onClick={() => runCommand('app.keys')}
      />
    </fieldset>
  );
}
