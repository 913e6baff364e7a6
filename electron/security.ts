/**
 * What no page may do, whatever it shows: Electron's security checklist, as far as windows and protocols do not hold it by
 * themselves (https://www.electronjs.org/docs/latest/tutorial/security).
 */

import type { App, Session, Shell, WebContents } from 'electron';
import { INTERFACE_ORIGIN, isInterface } from './protocol.ts';

type Log = (message: string) => void;

/** All that the interface uses: it offers paths and addresses to be copied. */
const ALLOWED_PERMISSIONS: ReadonlySet<string> = new Set(['clipboard-sanitized-write']);
/** Schemes that stay within the window; whatever else would reach out. The tools for developers are not in packages. */
const OWN_SCHEMES: ReadonlySet<string> = new Set(['pix:', 'blob:', 'data:', 'devtools:']);
/** Windows opens no longer ones. */
const MOST_LINK_CHARACTERS = 2_081;
/** Refusals are logged with so much of their address. */
const LOGGED_CHARACTERS = 200;

/** Opens a link of the web in the person's browser; anything else is refused and logged. */
export type OpenLink = (address: string) => void;

export function createLinkOpener(shell: Pick<Shell, 'openExternal'>, log: Log): OpenLink {
  return (address) => {
    const url = webAddress(address);
    if (url === null) return log(`A link was not opened: ${address.slice(0, LOGGED_CHARACTERS)}`);
    shell.openExternal(url).catch((error: unknown) => log(`The browser did not open a link: ${String(error)}`));
  };
}

/** An http or https address without credentials, in its canonical spelling; null for what is none. */
export function webAddress(address: string): string | null {
  const url = URL.parse(address);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) return null;
  if (url.username !== '' || url.password !== '' || url.href.length > MOST_LINK_CHARACTERS) return null;
  return url.href;
}

/** For every page that will ever be there. Before Electron is ready. */
export function secureApp(app: App, { openLink, log }: { readonly openLink: OpenLink; readonly log: Log }): void {
  app.enableSandbox();
  app.on('web-contents-created', (_event, contents) => confine(contents, openLink, log));
  app.on('certificate-error', (event, _contents, _url, error, _certificate, decide) => {
    event.preventDefault();
    log(`A certificate was refused: ${error}`);
    decide(false);
  });
  app.on('select-client-certificate', (event, _contents, _url, _certificates, choose) => {
    event.preventDefault();
    choose();
  });
}

function confine(contents: WebContents, openLink: OpenLink, log: Log): void {
  const refuse = (event: { preventDefault(): void }, what: string, address: string) => {
    event.preventDefault();
    log(`${what} was refused: ${address.slice(0, LOGGED_CHARACTERS)}`);
  };
  contents.on('will-navigate', (event) => {
    if (!isInterface(event.url)) refuse(event, 'A navigation', event.url);
  });
  contents.on('will-frame-navigate', (event) => {
    if (!event.isMainFrame || !isInterface(event.url)) refuse(event, 'A navigation of a frame', event.url);
  });
  contents.on('will-redirect', (event) => {
    if (!event.isMainFrame || !isInterface(event.url)) refuse(event, 'A redirect', event.url);
  });
  contents.on('will-attach-webview', (event) => refuse(event, 'A webview', ''));
  contents.setWindowOpenHandler(({ url }) => {
    openLink(url);
    return { action: 'deny' };
  });
  contents.on('select-bluetooth-device', (event, _devices, choose) => {
    event.preventDefault();
    choose('');
  });
}

/** For all that is loaded in a session. Electron must be ready. */
export function secureSession(session: Session, { log }: { readonly log: Log }): void {
  const isAllowed = (permission: string, origin: string, isMainFrame: boolean): boolean =>
    ALLOWED_PERMISSIONS.has(permission) && isMainFrame && origin === INTERFACE_ORIGIN;

  session.setPermissionRequestHandler((_contents, permission, answer, { requestingUrl, isMainFrame }) => {
    const isGranted = isAllowed(permission, isInterface(requestingUrl) ? INTERFACE_ORIGIN : '', isMainFrame);
    if (!isGranted) log(`The permission ${permission} was refused.`);
    answer(isGranted);
  });
  session.setPermissionCheckHandler((_contents, permission, requestingOrigin, { isMainFrame }) =>
    // Some origins come with a slash at their end.
    isAllowed(permission, requestingOrigin.replace(/\/$/, ''), isMainFrame),
  );
  session.setDevicePermissionHandler(() => false);
  session.setBluetoothPairingHandler((_details, answer) => answer({ confirmed: false }));
  session.setDisplayMediaRequestHandler((_request, answer) => answer(null));
  session.on('select-hid-device', (event, _details, choose) => {
    event.preventDefault();
    choose(null);
  });
  session.on('select-serial-port', (event, _ports, _contents, choose) => {
    event.preventDefault();
    choose('');
  });
  session.on('select-usb-device', (event, _details, choose) => {
    event.preventDefault();
    choose();
  });
  session.on('will-download', (event, item) => {
    event.preventDefault();
    log(`A download was refused: ${item.getURL().slice(0, LOGGED_CHARACTERS)}`);
  });
  session.setSpellCheckerEnabled(false);
  // Behind the policy of the page: nothing that is shown here asks anything of a network or a disk.
  session.webRequest.onBeforeRequest(({ url }, answer) => {
    answer({ cancel: !OWN_SCHEMES.has(URL.parse(url)?.protocol ?? '') });
  });
}
