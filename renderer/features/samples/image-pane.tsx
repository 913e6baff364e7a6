import './image-pane.css';
import { ImageOff } from 'lucide-react';
import { type PointerEvent, type ReactNode, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { SampleSummary } from '../../../shared/contract/samples.ts';
import { host } from '../../api/host.ts';
import { t } from '../../messages/index.ts';
import { useLive } from '../../stores/live.ts';
import { useElementSize } from './use-grid-scroll.ts';
import {
  actualSize,
  FIT,
  panned,
  placement,
  type Size,
  type ViewerPlace,
  type ViewSize,
  zoomedAt,
} from './viewer-transform.ts';

interface ImagePaneProps {
  readonly sample: SampleSummary;
  readonly place: ViewerPlace;
  readonly onPlace: (place: ViewerPlace) => void;
  /** Whether a small image is enlarged to the pane, so that it lines up with others. Default false. */
  readonly enlarge?: boolean;
  /** Gets the image once it is drawn, null while it is not. */
  readonly onImage?: (image: HTMLImageElement | null) => void;
  /** The scale it is drawn at now, and the sizes that zooming needs. */
  readonly onGeometry?: (scale: number, image: Size, view: ViewSize) => void;
  readonly children?: ReactNode;
}

type FailureReason = 'undrawable' | 'missing' | 'unreachable';

/** An image that could not be reached is asked for again. */
const AGAIN_MS = 2_000;
/** Wheel deltas by line and by page, in pixels. */
const DELTA_PX = [1, 16, 400];

/** One image that can be zoomed to the cursor and dragged. Its thumbnail stands in until it is here. */
export function ImagePane({ sample, place, onPlace, enlarge = false, onImage, onGeometry, children }: ImagePaneProps) {
  const frame = useRef<HTMLDivElement>(null);
  const size = useElementSize(frame);
  const view = useMemo(() => ({ ...size, enlarge }), [size, enlarge]);
  const [loaded, setLoaded] = useState<{ sha256: string; size: Size } | null>(null);
  const [failed, setFailed] = useState<{ sha256: string; why: FailureReason } | null>(null);
  const broken = failed?.sha256 === sample.sha256 ? failed.why : null;
  const here = loaded?.sha256 === sample.sha256;
  const image = here ? loaded.size : { width: Math.max(1, sample.width), height: Math.max(1, sample.height) };
  const drawn = placement(place, image, view);
  const latest = useRef({ place, image, view, onPlace });
  latest.current = { place, image, view, onPlace };
  const connected = useLive((state) => state.connection === 'connected');
  useEffect(() => {
    if (connected) setFailed((before) => (before?.why === 'unreachable' ? null : before));
  }, [connected]);
  useEffect(() => {
    // The stream of events outlives a short time without a network, so its end alone does not tell.
    if (broken !== 'unreachable' || !connected) return undefined;
    const again = () => setFailed(null);
    const timer = setTimeout(again, AGAIN_MS);
    window.addEventListener('online', again);
    return () => {
      clearTimeout(timer);
      window.removeEventListener('online', again);
    };
  }, [broken, connected]);
  const drag = useRef<{ x: number; y: number } | null>(null);

  const { width, height } = image;
  useLayoutEffect(() => {
    if (view.width > 0) onGeometry?.(drawn.scale, { width, height }, view);
  }, [onGeometry, drawn.scale, width, height, view]);

  // React listens to the wheel passively, so the page would scroll or zoom as well.
  useEffect(() => {
    const element = frame.current;
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      const { place, image, view, onPlace } = latest.current;
      const bounds = element!.getBoundingClientRect();
      const cursor = { x: event.clientX - bounds.left, y: event.clientY - bounds.top };
      const pixels = event.deltaY * (DELTA_PX[event.deltaMode] ?? 1);
      onPlace(zoomedAt(place, Math.exp(-pixels * (event.ctrlKey ? 0.01 : 0.002)), cursor, image, view));
    };
    element?.addEventListener('wheel', onWheel, { passive: false });
    return () => element?.removeEventListener('wheel', onWheel);
  }, []);

  const start = (event: PointerEvent<HTMLDivElement>) => {
    if (event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    drag.current = { x: event.clientX, y: event.clientY };
  };
  const move = (event: PointerEvent<HTMLDivElement>) => {
    const from = drag.current;
    if (!from) return;
    drag.current = { x: event.clientX, y: event.clientY };
    onPlace(panned(place, event.clientX - from.x, event.clientY - from.y, image, view));
  };
  const stop = () => {
    drag.current = null;
  };

  const style = {
    width: image.width,
    height: image.height,
    transform: `translate(${drawn.left}px, ${drawn.top}px) scale(${drawn.scale})`,
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: wheel and drag are for the mouse; whoever shows the pane has keys for the same
    <div
      ref={frame}
      className="image-pane"
      data-draggable={place.zoom > 1 || undefined}
      onPointerDown={start}
      onPointerMove={move}
      onPointerUp={stop}
      onPointerCancel={stop}
      onDoubleClick={(event) => {
        const bounds = event.currentTarget.getBoundingClientRect();
        const cursor = { x: event.clientX - bounds.left, y: event.clientY - bounds.top };
        onPlace(place.zoom > 1.001 ? FIT : actualSize(place, cursor, image, view));
      }}
    >
      {view.width > 0 && (
        <>
          {!here && (
            <img
              className="image-pane-image"
              src={host.mediaUrl('thumb', sample.sha256)}
              alt=""
              draggable={false}
              style={style}
              onError={(event) => event.currentTarget.setAttribute('data-broken', '')}
            />
          )}
          {broken === null && (
            <img
              key={sample.sha256}
              className="image-pane-image"
              src={host.mediaUrl('image', sample.sha256)}
              alt={t.samples.titleOf(sample)}
              draggable={false}
              decoding="async"
              data-pixels={drawn.scale >= 3 || undefined}
              style={here ? style : { ...style, visibility: 'hidden' }}
              ref={releaseImage}
              onLoad={(event) => {
                const { naturalWidth, naturalHeight } = event.currentTarget;
                setLoaded({
                  sha256: sample.sha256,
                  size: { width: Math.max(1, naturalWidth), height: Math.max(1, naturalHeight) },
                });
                onImage?.(event.currentTarget);
              }}
              onError={() => {
                const { sha256 } = sample;
                void failureReason(sha256).then((why) => setFailed({ sha256, why }));
                onImage?.(null);
              }}
            />
          )}
        </>
      )}
      {broken !== null && (
        <div className="image-pane-broken" role="status">
          <ImageOff size={20} aria-hidden />
          <strong>{t.samples.cannotShow}</strong>
          <span>{t.samples.cannotShowBecause[broken](t.samples.formatName(sample.format))}</span>
        </div>
      )}
      {children}
    </div>
  );
}

/** An image that fails to load does not say why, so its address is asked once more. */
async function failureReason(sha256: string): Promise<FailureReason> {
  try {
    const { ok } = await fetch(host.mediaUrl('image', sha256), { method: 'HEAD' });
    return ok ? 'undrawable' : 'missing';
  } catch {
    return 'unreachable';
  }
}

/** A request for an image that left the document goes on unless its address is taken away. */
export function releaseImage(element: HTMLImageElement | null): () => void {
  return () => element?.removeAttribute('src');
}

/** Has the browser fetch and decode images that may come next. */
export function usePreloaded(samples: readonly (SampleSummary | undefined)[]): void {
  const addresses = samples.flatMap((sample) => (sample ? [host.mediaUrl('image', sample.sha256)] : [])).join('\n');
  useEffect(() => {
    const images = addresses === '' ? [] : addresses.split('\n');
    const loading = images.map((address) => {
      const image = new Image();
      image.decoding = 'async';
      image.src = address;
      return image;
    });
    return () => {
      for (const image of loading) if (!image.complete) image.removeAttribute('src');
    };
  }, [addresses]);
}
