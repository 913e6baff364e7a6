/** The MessagePort of pages, also for a test that stands in for a page's scripts. */

import type { EndId, PortEnd } from './port-end.ts';

export class DomPort extends EventTarget {
  readonly #end: PortEnd;
  #onmessage: ((event: MessageEvent) => void) | null = null;

  /** @param take makes an end into one of this process */
  constructor(end: PortEnd, take: (id: EndId) => PortEnd) {
    super();
    this.#end = end;
    end.listener = {
      message: (data, ids) => {
        const ports = ids.map((id) => new DomPort(take(id), take)) as unknown as MessagePort[];
        const event = Object.assign(new Event('message'), { data, ports }) as unknown as MessageEvent;
        this.#onmessage?.(event);
        this.dispatchEvent(event);
      },
      closed: () => this.dispatchEvent(new Event('close')),
    };
  }

  /** As in a page, setting it starts the port. */
  set onmessage(listener: ((event: MessageEvent) => void) | null) {
    this.#onmessage = listener;
    this.start();
  }

  postMessage(message: unknown, transfer: readonly DomPort[] = []): void {
    this.#end.post(message, transfer.map(endIdOf));
  }

  start(): void {
    this.#end.start();
  }

  close(): void {
    this.#end.close();
  }

  /** Not of MessagePort: for `endIdOf`, which is not given to pages. */
  static idOf(port: DomPort): EndId {
    if (!port.#end.isUsable) throw new DOMException('Port is already neutered.', 'DataCloneError');
    return port.#end.id;
  }
}

/** The end that is given away with a message. @throws for a port that cannot be */
export function endIdOf(port: unknown): EndId {
  if (!(port instanceof DomPort)) throw new DOMException('Value could not be cloned.', 'DataCloneError');
  return DomPort.idOf(port);
}
