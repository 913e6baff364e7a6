/**
 * Decides which addresses may be contacted. Everything that is not public is refused, at three places that each
 * suffice alone: the URL (literal hosts), the resolver's answers, and the connected socket.
 */

import { isIP } from 'node:net';
import { AppError } from '../../shared/errors.ts';
import { type AddressClass, classifyAddress } from './address-classes.ts';
import { FetchProblem } from './fetch-problem.ts';

export interface AddressGuard {
  /**
   * Checks what the URL alone tells: its scheme, and its host when that is a literal address.
   * @throws FetchProblem `scheme-refused` or `address-refused`
   */
  checkUrl(url: URL): void;
  /**
   * Checks what a host resolved to. One bad answer refuses the host: a connection may be tried with any of them.
   * @param hostname as in the URL, without brackets
   * @param port as in the URL, empty for the default of `protocol`
   * @throws FetchProblem `address-refused`
   */
  checkAddresses(hostname: string, protocol: string, port: string, addresses: readonly string[]): void;
}

/** Classes a host opened by name may resolve to; a literal that the user typed may be of any class. */
const OPEN_CLASSES: ReadonlySet<AddressClass> = new Set(['public', 'private', 'shared', 'loopback']);

const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

/** `localhost.` and `localhost` are one host, as are two spellings of one address. */
function hostKey(hostname: string): string {
  const bare = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  return (bare.endsWith('.') ? bare.slice(0, -1) : bare).toLowerCase();
}

function parseAllowEntry(entry: string): string[] {
  const wrong = (why: string): AppError =>
    new AppError(
      'bad-request',
      `An allowed host is HOST or HOST:PORT, such as images.lan:8080 or [fd00::5]:80, but "${entry}" ${why}.`,
      { details: { entry } },
    );
  const text = entry.trim();
  if (text === '') throw wrong('is empty');
  if (/[\s/\\@?#%*]/.test(text)) throw wrong('holds characters that no host has; give no scheme, path or wildcard');
  const bareIpv6 = isIP(text) === 6;
  const match = /^(\[[^\]]+\]|[^:[\]]+)(?::(\d{1,5}))?$/.exec(bareIpv6 ? `[${text}]` : text);
  if (match === null) throw wrong('is neither');
  const port = match[2];
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65535)) {
    throw wrong('has a port outside 1 to 65535');
  }
  const host = `http://${match[1]}/`;
  if (!URL.canParse(host)) throw wrong('is not a valid host');
  const key = hostKey(new URL(host).hostname);
  return port === undefined ? [`${key} 80`, `${key} 443`] : [`${key} ${Number(port)}`];
}

/**
 * Makes a guard.
 *
 * `allowHosts` entries open exactly that host on that port; an entry without a port opens ports 80 and 443 of the host.
 * Another name that resolves to the same address stays refused. A host opened by name may resolve to public, private,
 * shared and loopback addresses, but never to link-local or metadata ones: those must be opened as literals.
 *
 * @param options.allowHosts default none
 * @throws AppError `bad-request` for an entry that is not a host
 */
export function createAddressGuard(options: { readonly allowHosts: readonly string[] }): AddressGuard {
  const open = new Set(options.allowHosts.flatMap(parseAllowEntry));

  const isOpen = (hostname: string, protocol: string, port: string): boolean =>
    open.size > 0 && open.has(`${hostKey(hostname)} ${port === '' ? DEFAULT_PORTS[protocol] : port}`);

  const checkAddresses = (hostname: string, protocol: string, port: string, addresses: readonly string[]): void => {
    const bare = hostKey(hostname);
    const isLiteral = isIP(bare) !== 0;
    const opened = isOpen(bare, protocol, port);
    for (const address of addresses) {
      const kind = classifyAddress(address);
      if (kind === 'public') continue;
      if (opened && (OPEN_CLASSES.has(kind) || (isLiteral && kind !== 'not-an-address'))) continue;
      const what = isLiteral ? address : `${bare} (${address})`;
      throw new FetchProblem('refused', 'address-refused', {
        detail: `${what} is a ${kind} address, and those are asked only where they are allowed by name`,
      });
    }
    if (addresses.length === 0)
      throw new FetchProblem('permanent', 'dns-failure', { detail: `${bare} has no address` });
  };

  return {
    checkUrl(url) {
      if (url.protocol !== 'http:' && url.protocol !== 'https:') {
        throw new FetchProblem('refused', 'scheme-refused', {
          detail: `only http and https are fetched, not ${url.protocol.slice(0, 20)}`,
        });
      }
      const bare = hostKey(url.hostname);
      if (isIP(bare) !== 0) checkAddresses(bare, url.protocol, url.port, [bare]);
    },
    checkAddresses,
  };
}
