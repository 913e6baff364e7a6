import { host } from '../api/host.ts';

interface ThumbnailProps {
  readonly sha256: string;
  /** 0xRRGGBB, shown until the image is there. */
  readonly dominantColour: number;
  /** '' where a text beside it says the same. */
  readonly alt: string;
  readonly fit?: 'cover' | 'contain';
}

export function Thumbnail({ sha256, dominantColour, alt, fit = 'cover' }: ThumbnailProps) {
  const colour = `#${dominantColour.toString(16).padStart(6, '0')}`;
  return (
    <span className="thumbnail" data-fit={fit} style={{ backgroundColor: colour }}>
      <img
        src={host.mediaUrl('thumb', sha256)}
        alt={alt}
        loading="lazy"
        decoding="async"
        draggable={false}
        onError={(event) => event.currentTarget.setAttribute('data-broken', '')}
      />
    </span>
  );
}
