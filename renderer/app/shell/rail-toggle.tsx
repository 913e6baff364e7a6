import { Menu } from 'lucide-react';
import { create } from 'zustand';
import { t } from '../../messages/index.ts';
import { IconButton } from '../../ui/icon-button.tsx';

/** Whether the rail lies over the screen, where there is no room beside it. */
export const useDrawer = create<{ readonly open: boolean }>()(() => ({ open: false }));

export function RailToggle() {
  return (
    <IconButton
      className="rail-toggle"
      label={t.shell.openNavigation}
      icon={Menu}
      onClick={() => useDrawer.setState({ open: true })}
    />
  );
}
