/**
 * Opens sockets to vetted addresses only. A name is resolved once, all its answers are checked, and the connection goes
 * to one of exactly those (a second resolution could answer something else); the address of the connected socket is
 * checked once more before a byte is written.
 */

import { type LookupAddress, lookup } from 'node:dns';
import { isIP, type LookupFunction, type Socket } from 'node:net';
import { createSecureContext } from 'node:tls';
import type { buildConnector } from 'undici';
import type { AddressGuard } from './address-guard.ts';
import { FetchProblem } from './fetch-problem.ts';

/** All addresses of a host name, in the order to try. Rejects with a `code` such as `ENOTFOUND` or `EAI_AGAIN`. */
export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>;

/** How long one resolution serves the connections to a host, which usually open together. */
const RESOLUTION_LIFETIME_MS = 5_000;
const MAX_RESOLUTIONS = 2_000;
const MAX_REMOTE_ADDRESSES = 10_000;

/** The operating system's resolver: hosts file, search domains and all, as every other program sees them. */
export const systemResolve: Resolve = (hostname) =>
  new Promise((resolve, reject) => {
    lookup(hostname, { all: true, order: 'verbatim' }, (error, addresses) => {
      if (error === null) resolve(addresses);
      else reject(error);
    });
  });

interface Resolution {
  readonly addresses: Promise<readonly LookupAddress[]>;
  readonly expiresAtMs: number;
}

/** One resolution for all that ask within a few seconds; failures are not kept. */
function cached(resolve: Resolve): Resolve {
  const resolutions = new Map<string, Resolution>();
  return (hostname) => {
    const nowMs = performance.now();
    const known = resolutions.get(hostname);
    if (known !== undefined && known.expiresAtMs > nowMs) return known.addresses;
    const addresses = resolve(hostname);
    resolutions.delete(hostname);
    resolutions.set(hostname, { addresses, expiresAtMs: nowMs + RESOLUTION_LIFETIME_MS });
    addresses.catch(() => resolutions.delete(hostname));
    dropOldest(resolutions, MAX_RESOLUTIONS);
    return addresses;
  };
}

function dropOldest(map: Map<string, unknown>, maxSize: number): void {
  if (map.size <= maxSize) return;
  const oldest = map.keys().next();
  if (!oldest.done) map.delete(oldest.value);
}

interface Opening {
  readonly target: buildConnector.Options;
  /** What the name resolved to; null for literals and before the answer. */
  vetted: readonly LookupAddress[] | null;
  /** Why the connected socket was refused; null when it was not. */
  refusal: Error | null;
}

export interface GuardedConnect {
  readonly connect: buildConnector.connector;
  /** The address of the newest connection to an origin (`http://host:port`); null when none was made. */
  remoteAddressOf(origin: string): string | null;
}

/**
 * Makes the `connect` function of an undici Agent.
 *
 * @param build undici's `buildConnector`, given so that undici itself is loaded late
 * @param connectTimeoutMs covers resolution, connection and TLS handshake
 */
export function createGuardedConnect(
  build: typeof buildConnector,
  guard: AddressGuard,
  resolve: Resolve,
  connectTimeoutMs: number,
): GuardedConnect {
  const resolveOnce = cached(resolve);
  const remoteAddresses = new Map<string, string>();

  // net.connect and tls.connect call `lookup` before they return, but do not tell it the port, on which the guard's
  // answer depends. So the connection being opened is noted for that moment, and a late call is refused.
  let opening: Opening | null = null;

  const vet = async (it: Opening): Promise<readonly LookupAddress[]> => {
    const { hostname, protocol, port } = it.target;
    const addresses = await resolveOnce(hostname);
    guard.checkAddresses(
      hostname,
      protocol,
      port,
      addresses.map((each) => each.address),
    );
    it.vetted = addresses;
    return addresses;
  };

  const pinnedLookup: LookupFunction = (hostname, options, done) => {
    if (opening === null || opening.target.hostname !== hostname) {
      done(new FetchProblem('refused', 'address-refused', { detail: `${hostname} was looked up out of turn` }), []);
      return;
    }
    vet(opening).then(
      (addresses) => {
        const first = addresses[0]!;
        if (options.all) done(null, [...addresses]);
        else done(null, first.address, first.family);
      },
      (error) => done(error, []),
    );
  };

  const checkConnected = (it: Opening, socket: Socket): void => {
    const { target, vetted } = it;
    const remote = socket.remoteAddress;
    if (remote === undefined) return; // gone already: the socket's own error tells
    try {
      guard.checkAddresses(target.hostname, target.protocol, target.port, [remote]);
      if (vetted !== null && !vetted.some((each) => each.address === remote)) {
        throw new FetchProblem('refused', 'address-refused', {
          detail: `${target.hostname} was vetted, but the connection went to ${remote}`,
        });
      }
    } catch (error) {
      it.refusal = error as Error;
      socket.destroy(it.refusal);
      return;
    }
    const origin = `${target.protocol}//${target.host}`;
    remoteAddresses.delete(origin);
    remoteAddresses.set(origin, remote);
    dropOldest(remoteAddresses, MAX_REMOTE_ADDRESSES);
  };

  const common = { allowH2: false, timeout: connectTimeoutMs, lookup: pinnedLookup };
  const openPlain = build(common as buildConnector.BuildOptions);
  let openSecure: buildConnector.connector | null = null;

  const connect: buildConnector.connector = (target, callback) => {
    let open = openPlain;
    if (target.protocol === 'https:') {
      // One context for all connections; verification cannot be switched off from the environment.
      openSecure ??= build({ ...common, secureContext: createSecureContext(), rejectUnauthorized: true });
      open = openSecure;
    }
    const it: Opening = { target, vetted: null, refusal: null };
    try {
      if (isIP(target.hostname) !== 0) {
        guard.checkAddresses(target.hostname, target.protocol, target.port, [target.hostname]);
      }
      opening = it;
      // The connector returns its socket, which its type leaves out.
      const socket = open(target, (...answer) => {
        if (it.refusal === null) callback(...answer);
        else callback(it.refusal, null);
      }) as unknown as Socket;
      // Before the listener of undici, which would write the request.
      socket.prependOnceListener('connect', () => checkConnected(it, socket));
    } catch (error) {
      callback(error as Error, null);
    } finally {
      opening = null;
    }
  };

  return { connect, remoteAddressOf: (origin) => remoteAddresses.get(origin) ?? null };
}
