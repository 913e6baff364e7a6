import { memo, useRef } from 'react';
import type { SampleSummary } from '../../../shared/contract/samples.ts';
import { t } from '../../messages/index.ts';
import { cssColour } from './grid-view.ts';
import { releaseImage } from './image-pane.tsx';

interface TileProps {
  readonly index: number;
  readonly count: number;
  readonly sample: SampleSummary | undefined;
  readonly source: string | undefined;
  /** Whether an image that is not shown yet should wait: what flies past is not worth a request. */
  readonly held: boolean;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly selected: boolean;
  readonly focused: boolean;
  /** Images are loaded anew when it changes. */
  readonly connection: string;
  readonly fill: boolean;
  readonly caption: boolean;
}

export function tileId(index: number): string {
  return `sample-tile-${index}`;
}

/** One place of the grid: at most four nodes, however much there is to say. */
export const Tile = memo(function Tile(props: TileProps) {
  const { index, count, sample, source, held, left, top, width, height, selected, focused, connection, fill, caption } =
    props;
  const asked = useRef<string>(undefined);
  if (!held) asked.current = source;
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the grid has the focus and names the active tile (aria-activedescendant)
    <div
      id={tileId(index)}
      role="option"
      aria-selected={selected}
      aria-posinset={index + 1}
      aria-setsize={count}
      aria-label={sample ? t.samples.tileLabel(sample) : t.samples.tileLoading(index + 1)}
      data-index={index}
      className="sample-tile"
      data-focused={focused || undefined}
      data-status={sample?.status}
      style={{ left, top, width, height }}
    >
      <span
        className="sample-tile-picture"
        style={{ height: width, backgroundColor: sample && cssColour(sample.dominantColour) }}
      >
        {source !== undefined && source === asked.current && (
          <TileImage key={`${connection} ${source}`} source={source} fill={fill} />
        )}
      </span>
      {caption && sample && <span className="sample-tile-caption">{t.samples.tileCaption(sample)}</span>}
    </div>
  );
});

function TileImage({ source, fill }: { readonly source: string; readonly fill: boolean }) {
  return (
    <img
      src={source}
      alt=""
      decoding="async"
      draggable={false}
      className={fill ? 'sample-tile-fill' : 'sample-tile-fit'}
      ref={releaseImage}
      onError={(event) => event.currentTarget.setAttribute('data-broken', '')}
    />
  );
}
