import { useQuery } from '@tanstack/react-query';
import { Command } from 'cmdk';
import { Dialog } from 'radix-ui';
import { useLocation } from 'wouter';
import { api } from '../../api/query.ts';
import { useScopes } from '../../keyboard/commands.ts';
import { keyRowOf } from '../../keyboard/key-map.ts';
import { t } from '../../messages/index.ts';
import { Kbd } from '../../ui/kbd.tsx';
import { DATASET_SCREENS } from '../dataset-screen.tsx';
import { paletteMatch } from './palette-match.ts';

interface PaletteProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}

/** The screens of the dataset one is in, everything that can be done here, and every dataset, by name. */
export default function Palette({ open, onOpenChange }: PaletteProps) {
  const [location, navigate] = useLocation();
  const scopes = useScopes((state) => state.scopes);
  const { data: datasets = [] } = useQuery(api.datasets.list.queryOptions({ input: {} }));
  const here = datasets.find(({ id }) => location.startsWith(`/datasets/${id}/`));
  const commands = [...scopes].reverse().flatMap((scope) => scope.commands);
  const shown = commands
    .filter(
      (command, index) =>
        command.isHidden !== true &&
        command.isEnabled !== false &&
        commands.findIndex((each) => each.id === command.id) === index,
    )
    .map(({ id, title, run }) => {
      const row = keyRowOf(id);
      return { id, title: title ?? row?.title ?? id, key: row?.keys[0] ?? '', run };
    });
  const close = (run: () => void) => () => {
    onOpenChange(false);
    // Once the focus is back where it was.
    setTimeout(run);
  };
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content className="palette" aria-describedby={undefined}>
          <Dialog.Title className="sr-only">{t.shell.palette}</Dialog.Title>
          <Command label={t.shell.palette} loop filter={(_value, typed, names = []) => paletteMatch(typed, names)}>
            <Command.Input placeholder={t.shell.palettePrompt} />
            <Command.List>
              <Command.Empty>{t.shell.paletteEmpty}</Command.Empty>
              {here !== undefined && (
                <Command.Group heading={here.name}>
                  {DATASET_SCREENS.map((screen) => (
                    <Command.Item
                      key={screen}
                      value={`screen ${screen}`}
                      keywords={[t.shell[screen]]}
                      onSelect={close(() => navigate(`/datasets/${here.id}/${screen}`))}
                    >
                      {t.shell.goTo(t.shell[screen])}
                    </Command.Item>
                  ))}
                </Command.Group>
              )}
              <Command.Group heading={t.shell.commands}>
                {shown.map(({ id, title, key, run }) => (
                  <Command.Item key={id} value={id} keywords={[title]} onSelect={close(() => run(key))}>
                    <span className="flex-1">{title}</span>
                    {key !== '' && <Kbd keys={key} />}
                  </Command.Item>
                ))}
              </Command.Group>
              <Command.Group heading={t.shell.datasets}>
                {datasets.map((dataset) => (
                  <Command.Item
                    key={dataset.id}
                    value={`dataset ${dataset.id}`}
                    keywords={[dataset.name, dataset.projectName]}
                    onSelect={close(() => navigate(`/datasets/${dataset.id}/browse`))}
                  >
                    <span className="flex-1 truncate">{dataset.name}</span>
                    <span className="text-ink-quiet">{dataset.projectName}</span>
                  </Command.Item>
                ))}
              </Command.Group>
            </Command.List>
          </Command>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
