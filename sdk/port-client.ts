/** The contract's client over a message port, for an interface beside the core that answers it. */

import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import { AppError } from '../shared/errors.ts';
import { answered, isStream, type Stream } from './answers.ts';
import type { HttpClient } from './client.ts';

/** A started MessagePort of a browser or Node, or a MessagePortMain of Electron. */
export type ClientPort = ConstructorParameters<typeof RPCLink>[0]['port'];

/** A client whose port can be replaced: the core at its other end may end and come back. */
export interface PortClient {
  readonly client: HttpClient;
  /** Calls go through this port from now on, those that wait for one first. What the old one still owed is `unavailable`. */
  connect(port: ClientPort): void;
  /** The core is gone: what is under way rejects with `unavailable`. */
  disconnect(): void;
}

/** Calls that find no port wait so long for one. */
const PATIENCE_MS = 2_000;

/** Every call rejects with the AppError the core threw, `unavailable` when there is no core, or `cancelled`. */
export function createPortClient(): PortClient {
  let connection: Connection | null = null;
  const waiting = new Set<(connection: Connection) => void>();

  const connected = async (): Promise<Connection> => {
    if (connection !== null) return connection;
    const { promise, resolve, reject } = Promise.withResolvers<Connection>();
    const timer = setTimeout(() => reject(gone()), PATIENCE_MS);
    waiting.add(resolve);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      waiting.delete(resolve);
    }
  };
  const disconnect = () => {
    connection?.lose();
    connection = null;
  };

  const client = createORPCClient<HttpClient>({
    call: (path, input, options) =>
      answered({
        signal: options.signal,
        next: async () => {
          const { link, whileThere } = await connected();
          const output = await whileThere(link.call(path, input, { ...options, context: {} }));
          return isStream(output) ? streamWhile(output, whileThere) : output;
        },
      }),
  });
  return {
    client,
    connect(port) {
      disconnect();
      connection = new Connection(port);
      for (const resolve of waiting) resolve(connection);
    },
    disconnect,
  };
}

class Connection {
  readonly link: RPCLink<Record<never, never>>;
  readonly #owed = new Set<(error: AppError) => void>();

  constructor(port: ClientPort) {
    this.link = new RPCLink({ port });
  }

  /** What a promise comes to, unless the connection is lost first. */
  readonly whileThere = <T>(answer: Promise<T>): Promise<T> => {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#owed.add(reject);
    answer.then(resolve, reject).finally(() => this.#owed.delete(reject));
    return promise;
  };

  lose(): void {
    for (const reject of this.#owed) reject(gone());
    this.#owed.clear();
  }
}

/** A stream that rejects when its connection is lost: nothing would ever come of it. */
function streamWhile(stream: Stream, whileThere: Connection['whileThere']): Stream {
  return {
    next: () => whileThere(stream.next()),
    return: async () => (await stream.return?.()) ?? { done: true, value: undefined },
    [Symbol.asyncIterator]() {
      return this;
    },
    [Symbol.asyncDispose]: async () => void (await stream.return?.()),
  };
}

function gone(): AppError {
  return new AppError('unavailable', 'The core of PixCrawler does not answer. It may be starting again.');
}
