/** When a program may update itself, decided from what it is. */

/** Where the program runs, and what it was packed with. */
export interface Packaging {
  readonly isPackaged: boolean;
  readonly platform: NodeJS.Platform;
  /** Whether it runs from an AppImage: on Linux nothing else is the program's own to replace. */
  readonly isAppImage: boolean;
  /** `app-update.yml` of the package; null when it was packed without an address for updates. */
  readonly configuration: string | null;
}

/** @returns why the program does not update itself, as a sentence for the log; null when it may */
export function whyNoUpdates({ isPackaged, platform, isAppImage, configuration }: Packaging): string | null {
  if (!isPackaged) return 'This program runs from its sources, which are updated where they came from.';
  if (platform === 'linux' && !isAppImage) return 'This program was installed by a package manager, which updates it.';
  if (configuration === null) return 'This program was packed without an address for updates.';
  // A digest that comes by the same way as the file says nothing when anyone may change both.
  if (!/^url: *['"]?https:\/\//m.test(configuration)) return 'The address for updates is not encrypted.';
  // macOS compares signatures by itself. On Windows there must be a name to compare with.
  if (platform === 'win32' && !/^publisherName:/m.test(configuration)) {
    return 'This program is not signed, so nothing could tell whose update it is.';
  }
  return null;
}
