import { type Command, useScopes } from '../../keyboard/commands.ts';
import { t } from '../../messages/index.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Kbd } from '../../ui/kbd.tsx';

interface KeyboardMapProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}

/** Every key that does something here, by where it comes from. */
export default function KeyboardMap({ open, onOpenChange }: KeyboardMapProps) {
  const scopes = useScopes((state) => state.scopes);
  const groups = Map.groupBy(
    scopes.flatMap(({ name, commands }) => commands.map((command) => ({ name, command }))),
    ({ name }) => name,
  );
  return (
    <Dialog title={t.shell.keyboardMap} open={open} onOpenChange={onOpenChange} size="large">
      <div className="key-map">
        {[...groups].reverse().map(([name, entries]) => (
          <section key={name}>
            <h3 className="mb-1">{name}</h3>
            {entries.map(({ command }) => (
              <KeyRow key={command.id} command={command} />
            ))}
          </section>
        ))}
      </div>
    </Dialog>
  );
}

function KeyRow({ command }: { readonly command: Command }) {
  if (command.keys === undefined) return null;
  return (
    <div className="key-map-row">
      <span>{command.title}</span>
      <span className="flex gap-1">
        {command.keys.map((keys) => (
          <Kbd key={keys} keys={keys} />
        ))}
      </span>
    </div>
  );
}
