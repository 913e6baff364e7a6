import {
  BarChart3,
  ChevronLeft,
  ChevronRight,
  CircleCheck,
  Columns2,
  Contrast,
  Info,
  Minus,
  OctagonX,
  Plus,
  TriangleAlert,
  X,
} from 'lucide-react';
import { Dialog } from 'radix-ui';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { SampleSummary } from '../../../shared/contract/samples.ts';
import type { SampleStatus } from '../../../shared/vocabulary.ts';
import { type Command, useCommands } from '../../keyboard/commands.ts';
import { shownKey } from '../../keyboard/key-map.ts';
import { t } from '../../messages/index.ts';
import { IconButton } from '../../ui/icon-button.tsx';
import { StatusMark } from '../../ui/status-mark.tsx';
import { HistogramView } from './histogram-view.tsx';
import { ImagePane, usePreloaded } from './image-pane.tsx';
import { actualSize, FIT, type Size, type ViewerPlace, type ViewSize, zoomedAt } from './viewer-transform.ts';

const BACKGROUNDS = ['proof', 'dark', 'light'] as const;
export type ViewerBackground = (typeof BACKGROUNDS)[number];

interface ViewerProps {
  /** One image, or two to four to compare. */
  readonly samples: readonly SampleSummary[];
  /** The place of an image in the list; null where it is not known. */
  readonly placeOf: (sample: SampleSummary) => number | null;
  readonly count: number;
  readonly neighbours: readonly (SampleSummary | undefined)[];
  readonly onStep: (step: 1 | -1) => void;
  readonly onDecide: (sample: SampleSummary, status: SampleStatus) => void;
  readonly onLabel: (sample: SampleSummary, number: number) => void;
  /**
   * Puts others beside the image, and takes them away again, so that it alone is left; left out where there is nothing to
   * compare with.
   */
  readonly onCompare?: ((sample: SampleSummary) => void) | undefined;
  readonly inspectorOpen: boolean;
  readonly onToggleInspector: () => void;
  readonly onClose: () => void;
  /** It is gone: puts the focus where it should be. */
  readonly onClosed: () => void;
  /** What stands beside the images and is about the one that is active, such as the inspector. */
  readonly aside: (sample: SampleSummary) => ReactNode;
}

/**
 * One image, or a few side by side, over the grid: the grid stays where it is behind it. Everything that it says and does is
 * about the active image: the title, the place, what stands beside, and the keys.
 */
export function Viewer(props: ViewerProps) {
  const { samples, onClose } = props;
  const content = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState<ViewerPlace>(FIT);
  const [activeId, setActiveId] = useState<number | null>(null);
  const [flicker, setFlicker] = useState(false);
  const [background, setBackground] = useState<ViewerBackground>('proof');
  const [histogram, setHistogram] = useState(false);
  const [images, setImages] = useState<ReadonlyMap<number, HTMLImageElement | null>>(new Map());
  const [scale, setScale] = useState(1);
  const geometry = useRef<{ image: Size; view: ViewSize } | null>(null);
  useFrameInert();
  const shown = Math.max(
    0,
    samples.findIndex((one) => one.id === activeId),
  );
  const sample = samples[shown]!;
  const listPlace = props.placeOf(sample);
  usePreloaded(samples.length === 1 ? props.neighbours : []);

  // Another image begins as a whole, unless images are compared: then the same part is what matters.
  const alone = samples.length === 1 ? sample.sha256 : null;
  const lastAlone = useRef(alone);
  if (lastAlone.current !== alone) {
    lastAlone.current = alone;
    if (place !== FIT) setPlace(FIT);
  }

  const zoomBy = (factor: number) => {
    if (!geometry.current) return;
    const { image: size, view } = geometry.current;
    setPlace(zoomedAt(place, factor, { x: view.width / 2, y: view.height / 2 }, size, view));
  };
  const toActualSize = () => {
    if (!geometry.current) return;
    const { image: size, view } = geometry.current;
    setPlace(actualSize(place, { x: view.width / 2, y: view.height / 2 }, size, view));
  };
  const step = (by: 1 | -1) => {
    if (samples.length === 1) props.onStep(by);
    else setActiveId(samples[(shown + by + samples.length) % samples.length]!.id);
  };
  const nextBackground = () => setBackground(BACKGROUNDS[(BACKGROUNDS.indexOf(background) + 1) % BACKGROUNDS.length]!);
  const compare = () => {
    setFlicker(false);
    setActiveId(sample.id);
    props.onCompare?.(sample);
  };
  const toggleFlicker = () => {
    if (flicker) step(1);
    setFlicker(true);
  };

  const command = (id: string, run: Command['run'], isEnabled = true): Command => ({
    id: `viewer.${id}`,
    isEnabled,
    isHidden: true,
    run,
  });
  useCommands('viewer', [
    command('previous', () => step(-1)),
    command('next', () => step(1)),
    command('accept', () => props.onDecide(sample, 'accepted')),
    command('quarantine', () => props.onDecide(sample, 'quarantined')),
    command('reject', () => props.onDecide(sample, 'rejected')),
    command('label', (digit) => props.onLabel(sample, Number(digit))),
    command('in', () => zoomBy(1.5)),
    command('out', () => zoomBy(1 / 1.5)),
    command('fit', () => setPlace(FIT)),
    command('actual', () => (place.zoom > 1.001 ? setPlace(FIT) : toActualSize())),
    command('background', nextBackground),
    command('histogram', () => setHistogram(!histogram)),
    command('compare', compare, props.onCompare !== undefined),
    command('flicker', toggleFlicker, samples.length > 1),
    command('side', () => setFlicker(false), samples.length > 1),
    command('inspector', props.onToggleInspector),
    command('close', onClose),
  ]);

  const panes = flicker || samples.length === 1 ? [sample] : samples;
  return (
    <Dialog.Root open modal={false} onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Content
          className="viewer"
          data-commands=""
          data-background={background}
          aria-describedby={undefined}
          ref={content}
          tabIndex={-1}
          // A click on a toast is meant for the toast.
          onInteractOutside={(event) => event.preventDefault()}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            props.onClosed();
          }}
          onOpenAutoFocus={(event) => {
            // On the whole: a focused button would show its tooltip and take space and enter for itself.
            event.preventDefault();
            content.current?.focus();
          }}
        >
          <header className="viewer-bar">
            <Dialog.Title className="viewer-title">
              <StatusMark status={sample.status} />
              <span className="truncate">{t.samples.titleOf(sample)}</span>
              <span className="viewer-facts">
                {[sample.label, t.samples.dimensions(sample), t.samples.zoomPercent(scale)].filter(Boolean).join(' · ')}
              </span>
            </Dialog.Title>
            {listPlace !== null && (
              <span className="viewer-place" aria-live="polite">
                {t.samples.viewerPlace(listPlace + 1, props.count)}
              </span>
            )}
            <IconButton
              label={t.samples.previous}
              keys={shownKey('viewer.previous')}
              icon={ChevronLeft}
              onClick={() => step(-1)}
            />
            <IconButton
              label={t.samples.next}
              keys={shownKey('viewer.next')}
              icon={ChevronRight}
              onClick={() => step(1)}
            />
            <span className="viewer-divider" />
            <IconButton
              label={t.samples.zoomOut}
              keys={shownKey('viewer.out')}
              icon={Minus}
              onClick={() => zoomBy(1 / 1.5)}
            />
            <IconButton label={t.samples.zoomIn} keys={shownKey('viewer.in')} icon={Plus} onClick={() => zoomBy(1.5)} />
            <button type="button" className="viewer-text-button" onClick={() => setPlace(FIT)}>
              {t.samples.fitView}
            </button>
            <button type="button" className="viewer-text-button" onClick={toActualSize}>
              {t.samples.actualSize}
            </button>
            <span className="viewer-divider" />
            {props.onCompare && (
              <IconButton
                label={t.samples.compare}
                keys={shownKey('viewer.compare')}
                icon={Columns2}
                pressed={samples.length > 1}
                onClick={compare}
              />
            )}
            <IconButton
              label={`${t.samples.background}: ${t.samples.backgrounds[background]}`}
              keys={shownKey('viewer.background')}
              icon={Contrast}
              onClick={nextBackground}
            />
            <IconButton
              label={t.samples.histogram}
              keys={shownKey('viewer.histogram')}
              icon={BarChart3}
              pressed={histogram}
              onClick={() => setHistogram(!histogram)}
            />
            <IconButton
              label={t.samples.inspector}
              keys={shownKey('viewer.inspector')}
              icon={Info}
              pressed={props.inspectorOpen}
              onClick={props.onToggleInspector}
            />
            <span className="viewer-divider" />
            <IconButton
              label={t.samples.accept}
              keys={shownKey('viewer.accept')}
              icon={CircleCheck}
              onClick={() => props.onDecide(sample, 'accepted')}
            />
            <IconButton
              label={t.samples.quarantine}
              keys={shownKey('viewer.quarantine')}
              icon={TriangleAlert}
              onClick={() => props.onDecide(sample, 'quarantined')}
            />
            <IconButton
              label={t.samples.reject}
              keys={shownKey('viewer.reject')}
              icon={OctagonX}
              onClick={() => props.onDecide(sample, 'rejected')}
            />
            <span className="viewer-divider" />
            <Dialog.Close asChild>
              <IconButton label={t.samples.close} keys={shownKey('viewer.close')} icon={X} />
            </Dialog.Close>
          </header>
          <div className="viewer-columns">
            <div className="viewer-panes" data-panes={panes.length}>
              {panes.map((one, at) => (
                <div
                  key={flicker || samples.length === 1 ? 'single' : one.id}
                  className="viewer-pane"
                  data-active={(panes.length > 1 && at === shown) || undefined}
                  onPointerDownCapture={() => panes.length > 1 && setActiveId(one.id)}
                >
                  <ImagePane
                    sample={one}
                    place={place}
                    onPlace={setPlace}
                    enlarge={samples.length > 1}
                    onImage={(image) => setImages((before) => new Map([...before].slice(-8)).set(one.id, image))}
                    onGeometry={
                      one === sample
                        ? (drawnScale, size, view) => {
                            geometry.current = { image: size, view };
                            setScale(drawnScale);
                          }
                        : undefined
                    }
                  />
                  {samples.length > 1 && (
                    <div className="viewer-caption">
                      <StatusMark status={one.status} />
                      {t.samples.tileCaption(one)}
                    </div>
                  )}
                </div>
              ))}
              {histogram && <HistogramView image={images.get(sample.id) ?? null} title={t.samples.titleOf(sample)} />}
            </div>
            {props.aside(sample)}
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

/**
 * While the viewer lies over the frame, nothing of the frame but the toasts can be reached. A modal dialog of Radix would
 * do the same with a style element, which the content policy forbids, and would take Undo in a toast away as well.
 */
function useFrameInert(): void {
  useEffect(() => {
    const behind = [...document.querySelectorAll('.shell > :not(.toasts)')];
    for (const element of behind) element.setAttribute('inert', '');
    return () => {
      for (const element of behind) element.removeAttribute('inert');
    };
  }, []);
}
