/** Counts the levels of an image away from the page's thread. */

import { imageHistogram } from './image-histogram.ts';

/** What this file uses of a worker's scope, which the page's type library does not have. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<{ number: number; bitmap: ImageBitmap }>) => void) | null;
  postMessage(message: unknown): void;
}

const scope = globalThis as unknown as WorkerScope;

scope.onmessage = ({ data: { number, bitmap } }) => {
  const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d', { willReadFrequently: true })!;
  context.drawImage(bitmap, 0, 0);
  const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
  bitmap.close();
  scope.postMessage({ number, histogram: imageHistogram(data) });
};
