/** Menu and MenuItem. */

import { EventEmitter } from 'node:events';
import type Electron from 'electron';
import { declared } from './declared.ts';
import { recorded } from './recorded.ts';

type Options = Electron.MenuItemConstructorOptions;

let applicationMenu: Electron.Menu | null = null;
let commands = 0;

export class MenuItem {
  readonly id: string;
  readonly commandId: number;
  readonly role: Electron.MenuItem['role'];
  readonly submenu: Electron.Menu | undefined;
  readonly type: Electron.MenuItem['type'];
  label: string;
  sublabel: string;
  toolTip: string;
  accelerator: string | null;
  readonly icon: Electron.NativeImage | string | undefined;
  enabled: boolean;
  visible: boolean;
  checked: boolean;
  registerAccelerator: boolean;
  /** As a person chooses it: called without parameters, or with the event. */
  readonly click: (event?: Electron.KeyboardEvent, window?: Electron.BaseWindow) => void;

  constructor(options: Options) {
    commands += 1;
    this.commandId = commands;
    this.id = options.id ?? '';
    // Two names of the role are in one list of electron.d.ts and not in the other.
    this.role = options.role as Electron.MenuItem['role'];
    this.submenu = Array.isArray(options.submenu) ? Menu.buildFromTemplate(options.submenu) : options.submenu;
    this.type = options.type ?? (this.submenu === undefined ? 'normal' : 'submenu');
    if (this.type === 'submenu' && this.submenu === undefined) throw new Error('Invalid submenu');
    if (options.label === undefined && options.role === undefined && this.type !== 'separator') {
      throw new Error('Expected a label, a role, or a separator.');
    }
    this.label = options.label ?? options.role ?? '';
    this.sublabel = options.sublabel ?? '';
    this.toolTip = options.toolTip ?? '';
    this.accelerator = options.accelerator ?? null;
    this.icon = options.icon;
    this.enabled = options.enabled ?? true;
    this.visible = options.visible ?? true;
    this.checked = options.checked ?? false;
    this.registerAccelerator = options.registerAccelerator ?? true;
    this.click = (event, window) => {
      if (!this.enabled) return;
      if (this.type === 'checkbox') this.checked = !this.checked;
      if (this.type === 'radio') this.checked = true;
      options.click?.(declared(this), window, event ?? {});
    };
  }
}

export class Menu extends EventEmitter {
  items: Electron.MenuItem[] = [];

  static buildFromTemplate(template: (Options | Electron.MenuItem)[]): Electron.Menu {
    const menu = new Menu();
    for (const each of template)
      menu.append(each instanceof MenuItem ? declared(each) : declared(new MenuItem(each as Options)));
    return declared(menu);
  }

  static setApplicationMenu(menu: Electron.Menu | null): void {
    applicationMenu = menu;
  }

  static getApplicationMenu(): Electron.Menu | null {
    return applicationMenu;
  }

  append(item: Electron.MenuItem): void {
    this.items.push(item);
  }

  insert(position: number, item: Electron.MenuItem): void {
    this.items.splice(position, 0, item);
  }

  getMenuItemById(id: string): Electron.MenuItem | null {
    for (const item of this.items) {
      if (item.id === id) return item;
      const found = item.submenu?.getMenuItemById(id) ?? null;
      if (found !== null) return found;
    }
    return null;
  }

  popup(options: Electron.PopupOptions = {}): void {
    const over = options.window ?? recorded.windows.find(({ window }) => window.isFocused())?.window;
    recorded.windows.find(({ window }) => window === over)?.popups.push(declared(this));
  }

  closePopup(): void {}
}
