/** Where a library lies when nobody says where. */

/** The part of the machine that decides it. */
export interface Home {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly platform: string;
  readonly homeDirectory: string;
}

/** Where this system keeps the data of applications. */
export function defaultDataDirectory({ environment, platform, homeDirectory }: Home): string {
  switch (platform) {
    case 'win32':
      return `${environment.LOCALAPPDATA || `${homeDirectory}\\AppData\\Local`}\\PixCrawler`;
    case 'darwin':
      return `${homeDirectory}/Library/Application Support/PixCrawler`;
    default: {
      // The XDG base directory specification says that relative values are to be ignored.
      const shared = environment.XDG_DATA_HOME;
      const base = shared?.startsWith('/') === true ? shared : `${homeDirectory}/.local/share`;
      return `${base}/pixcrawler`;
    }
  }
}
