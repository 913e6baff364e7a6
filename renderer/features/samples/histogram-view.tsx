import { useEffect, useRef, useState } from 'react';
import { t } from '../../messages/index.ts';
import { histogramPath, type ImageHistogram } from './image-histogram.ts';

/** Longer side that an image is reduced to before it is counted: the shape stays, the time does not grow. */
const SAMPLED_PX = 512;

interface HistogramViewProps {
  /** An image that the browser has drawn; null while there is none. */
  readonly image: HTMLImageElement | null;
  readonly title: string;
}

/** Levels of the shown image, by channel. */
export function HistogramView({ image, title }: HistogramViewProps) {
  const histogram = useHistogram(image);
  return (
    <figure className="viewer-histogram">
      <svg viewBox="0 0 256 100" preserveAspectRatio="none" role="img" aria-label={t.samples.histogramOf(title)}>
        {histogram && (
          <>
            <path d={histogramPath(histogram.luma)} className="histogram-luma" />
            <path d={histogramPath(histogram.red)} className="histogram-red" />
            <path d={histogramPath(histogram.green)} className="histogram-green" />
            <path d={histogramPath(histogram.blue)} className="histogram-blue" />
          </>
        )}
      </svg>
      <figcaption aria-hidden>
        <span>0</span>
        <span>128</span>
        <span>255</span>
      </figcaption>
    </figure>
  );
}

function useHistogram(image: HTMLImageElement | null): ImageHistogram | null {
  const [histogram, setHistogram] = useState<ImageHistogram | null>(null);
  const worker = useRef<Worker | null>(null);
  const number = useRef(0);
  useEffect(() => {
    const own = new Worker(new URL('./histogram-worker.ts', import.meta.url), { type: 'module' });
    worker.current = own;
    own.onmessage = ({ data }: MessageEvent<{ number: number; histogram: ImageHistogram }>) => {
      if (data.number === number.current) setHistogram(data.histogram);
    };
    return () => own.terminate();
  }, []);
  useEffect(() => {
    number.current += 1;
    setHistogram(null);
    if (!image?.naturalWidth) return;
    const own = number.current;
    const factor = Math.min(1, SAMPLED_PX / Math.max(image.naturalWidth, image.naturalHeight));
    const size = {
      resizeWidth: Math.max(1, Math.round(image.naturalWidth * factor)),
      resizeHeight: Math.max(1, Math.round(image.naturalHeight * factor)),
    };
    createImageBitmap(image, { ...size, resizeQuality: 'low' }).then(
      (bitmap) => {
        if (own === number.current) worker.current?.postMessage({ number: own, bitmap }, [bitmap]);
        else bitmap.close();
      },
      () => undefined,
    );
  }, [image]);
  return histogram;
}
