/** Servers that break HTTP itself: they write bytes of their own to the connection. */

import type { Socket } from 'node:net';
import type { Fault, FaultContext } from './faults.ts';

/** Answers with these bytes and then, unless told otherwise, hangs up. */
function raw(
  fault: Pick<Fault, 'expect' | 'reason' | 'endless'>,
  write: (socket: Socket, context: FaultContext) => void,
): Fault {
  return {
    ...fault,
    serve: (context) => {
      const socket = context.response.socket;
      if (socket === null) return;
      write(socket, context);
    },
  };
}

const truncated = { expect: 'transient', reason: 'truncated-body' } as const;
const reset = { expect: 'transient', reason: 'connection-reset' } as const;
const protocol = { expect: 'permanent', reason: 'protocol-error' } as const;
const fine = { expect: 'ok', reason: null } as const;

function head(lines: readonly string[]): string {
  return `HTTP/1.1 200 OK\r\ncontent-type: image/jpeg\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`;
}

export const RAW_FAULTS: Readonly<Record<string, Fault>> = {
  'cut-body': raw(truncated, (socket, { jpeg }) => {
    socket.write(head([`content-length: ${jpeg.length}`]));
    socket.end(jpeg.subarray(0, jpeg.length >> 1));
  }),
  'cut-chunked-body': raw(truncated, (socket, { jpeg }) => {
    socket.write(head(['transfer-encoding: chunked']));
    socket.write(`${jpeg.length.toString(16)}\r\n`);
    socket.end(jpeg.subarray(0, jpeg.length >> 1));
  }),
  'reset-in-body': raw(truncated, (socket, { jpeg }) => {
    socket.write(head([`content-length: ${jpeg.length}`]));
    socket.write(jpeg.subarray(0, 500), () => setTimeout(() => socket.resetAndDestroy(), 20));
  }),
  'reset-at-once': raw(reset, (socket) => socket.resetAndDestroy()),
  'close-at-once': raw(reset, (socket) => socket.end()),
  'close-in-head': raw(reset, (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-ty')),
  'close-after-body': raw(fine, (socket, { jpeg }) => {
    socket.write(head(['connection: close']));
    socket.end(jpeg);
  }),
  'short-length': raw(fine, (socket, { jpeg }) => {
    // Longer than announced: the client sees a whole, shorter body, and only a decoder can tell.
    socket.write(head([`content-length: ${jpeg.length >> 1}`, 'connection: close']));
    socket.end(jpeg);
  }),
  'long-length': raw(truncated, (socket, { jpeg }) => {
    socket.write(head([`content-length: ${jpeg.length * 2}`]));
    socket.end(jpeg);
  }),
  'two-lengths': raw(protocol, (socket) => socket.end(`${head(['content-length: 5', 'content-length: 6'])}abcdef`)),
  'length-and-chunked': raw(protocol, (socket) =>
    socket.end(`${head(['content-length: 5', 'transfer-encoding: chunked'])}5\r\nabcde\r\n0\r\n\r\n`),
  ),
  'negative-length': raw(protocol, (socket) => socket.end(`${head(['content-length: -5'])}abcde`)),
  'bad-chunk-size': raw(protocol, (socket) => socket.end(`${head(['transfer-encoding: chunked'])}zz\r\nabc\r\n`)),
  'huge-headers': raw(protocol, (socket) => socket.end(`${head([`x-padding: ${'a'.repeat(70_000)}`])}abc`)),
  'many-headers': raw(protocol, (socket) =>
    socket.end(head(Array.from({ length: 10_000 }, (_, index) => `x-header-${index}: value`))),
  ),
  'nul-in-header': raw(protocol, (socket) => socket.end(head(['x-nul: a\0b', 'content-length: 0']))),
  'http-0.9': raw(protocol, (socket) => socket.end('<html><body>I am old</body></html>')),
  'binary-garbage': raw(protocol, (socket) => socket.end(Buffer.alloc(4_096, 0x16))),
  'unknown-version': raw(protocol, (socket) => socket.end('HTTP/7.3 200 OK\r\ncontent-length: 0\r\n\r\n')),
  'trickled-head': raw({ expect: 'transient', reason: 'timeout', endless: true }, (socket) => {
    socket.write('HTTP/1.1 200 OK\r\n');
    const timer = setInterval(() => socket.write('x-more: y\r\n'), 20);
    socket.once('close', () => clearInterval(timer));
  }),
  'unasked-switch': raw(reset, (socket) =>
    socket.end('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n'),
  ),
  'many-continues': raw(reset, (socket) => socket.end('HTTP/1.1 100 Continue\r\n\r\n'.repeat(1_000))),
};
