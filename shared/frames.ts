/** Length-prefixed frames over a byte stream: four bytes of length (unsigned, big-endian), then that many bytes. */

const HEADER_BYTES = 4;

/** The four bytes that go before a frame of `sizeBytes`. */
export function frameHeader(sizeBytes: number): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES);
  new DataView(header.buffer).setUint32(0, sizeBytes);
  return header;
}

/**
 * Cuts a stream back into frames. Feed the chunks in order; `onFrame` is called once for each complete frame, with bytes
 * that are valid during the call and may be views onto a chunk.
 * @param maxFrameBytes a frame that announces more makes the reader throw a RangeError: the stream cannot be trusted
 */
export function createFrameReader(
  maxFrameBytes: number,
  onFrame: (frame: Uint8Array) => void,
): (chunk: Uint8Array) => void {
  let chunks: Uint8Array[] = [];
  let heldBytes = 0;

  function joined(): Uint8Array {
    if (chunks.length === 1) return chunks[0] as Uint8Array;
    const all = new Uint8Array(heldBytes);
    let at = 0;
    for (const chunk of chunks) {
      all.set(chunk, at);
      at += chunk.length;
    }
    return all;
  }

  // Bytes wanted before it is worth joining the chunks again, so that a long frame is copied once and not per chunk.
  let wantedBytes = HEADER_BYTES;

  return (chunk) => {
    chunks.push(chunk);
    heldBytes += chunk.length;
    if (heldBytes < wantedBytes) return;
    const bytes = joined();
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = 0;
    wantedBytes = HEADER_BYTES;
    while (bytes.length - at >= HEADER_BYTES) {
      const sizeBytes = view.getUint32(at);
      if (sizeBytes > maxFrameBytes) {
        throw new RangeError(`A frame of ${sizeBytes} bytes was announced; at most ${maxFrameBytes} are accepted.`);
      }
      if (bytes.length - at < HEADER_BYTES + sizeBytes) {
        wantedBytes = HEADER_BYTES + sizeBytes;
        break;
      }
      onFrame(bytes.subarray(at + HEADER_BYTES, at + HEADER_BYTES + sizeBytes));
      at += HEADER_BYTES + sizeBytes;
    }
    chunks = at < bytes.length ? [bytes.subarray(at)] : [];
    heldBytes = bytes.length - at;
  };
}
