/** By which Windows knows the program's notifications and its place in the taskbar: the `appId` of electron-builder.yml. */
export const APPLICATION_ID = 'dev.pixcrawler.desktop';

/** Of links that lead into the program: the `protocols` of electron-builder.yml. */
export const LINK_SCHEME = 'pixcrawler';
