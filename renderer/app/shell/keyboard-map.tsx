import { useScopes } from '../../keyboard/commands.ts';
import { KEY_MAP, type KeyRow, type ScreenName } from '../../keyboard/key-map.ts';
import { t } from '../../messages/index.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Kbd } from '../../ui/kbd.tsx';

interface KeyboardMapProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}

/** Every key of every screen, those that are in front first. */
export default function KeyboardMap({ open, onOpenChange }: KeyboardMapProps) {
  const scopes = useScopes((state) => state.scopes);
  const here = new Set(scopes.map(({ name }) => name).reverse());
  here.delete('everywhere');
  const names = Object.keys(KEY_MAP) as ScreenName[];
  const current = [...here, 'everywhere' as const];
  const others = names.filter((name) => !current.includes(name));
  return (
    <Dialog title={t.shell.keyboardMap} open={open} onOpenChange={onOpenChange} size="large">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls and holds no control is scrolled by keyboard from here */}
      <div tabIndex={0}>
        <div className="key-map">
          {current.map((name) => (
            <ScreenKeys key={name} name={name} />
          ))}
        </div>
        <h3 className="key-map-others">{t.shell.otherScreens}</h3>
        <div className="key-map">
          {others.map((name) => (
            <ScreenKeys key={name} name={name} />
          ))}
        </div>
      </div>
    </Dialog>
  );
}

function ScreenKeys({ name }: { readonly name: ScreenName }) {
  const { title, rows } = KEY_MAP[name];
  return (
    <section aria-label={title}>
      <h4>{title}</h4>
      {Object.entries<KeyRow>(rows).map(([id, row]) => (
        <div key={id} className="key-map-row">
          <span>{row.title}</span>
          <Keys {...row} />
        </div>
      ))}
    </section>
  );
}

function Keys({ keys, isRange = false }: KeyRow) {
  if (isRange) {
    return (
      <span className="key-map-keys">
        <Kbd keys={keys[0] ?? ''} /> {t.shell.keysTo} <Kbd keys={keys.at(-1) ?? ''} />
      </span>
    );
  }
  return (
    <span className="key-map-keys">
      {keys.map((each) => (
        <Kbd key={each} keys={each} />
      ))}
    </span>
  );
}
