/**
 * What part of an image the viewer shows, without pixels of any screen: so that two images of different sizes can share it
 * (linked zoom), and that a resized window shows the same part.
 */
export interface ViewerPlace {
  /** 1 shows the whole image ("fit"), 2 half of its width. */
  readonly zoom: number;
  /** The point of the image in the middle of the view, from 0 to 1 of its width and height. */
  readonly centreX: number;
  readonly centreY: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface ViewSize extends Size {
  /** Whether a small image is enlarged to fit, so that it lines up with others. Default false: it would look softer than it is. */
  readonly enlarge?: boolean;
}

/** CSS pixels: a pixel of the image is `scale` wide, its left upper corner is at `left`, `top` of the view. */
export interface Placement {
  readonly scale: number;
  readonly left: number;
  readonly top: number;
}

export const FIT: ViewerPlace = { zoom: 1, centreX: 0.5, centreY: 0.5 };

/** A pixel of the image never covers more than this many of the screen. */
const MAX_SCALE = 32;

/** The scale at which the whole image shows; not above 1 unless the view enlarges. */
export function fitScale(image: Size, view: ViewSize): number {
  return Math.min(
    view.enlarge ? MAX_SCALE : 1,
    view.width / Math.max(1, image.width),
    view.height / Math.max(1, image.height),
  );
}

/** Where to draw the image. What is smaller than the view is in its middle, what is larger has no margin. */
export function placement(place: ViewerPlace, image: Size, view: ViewSize): Placement {
  const scale = fitScale(image, view) * place.zoom;
  return {
    scale,
    left: edge(place.centreX, image.width * scale, view.width),
    top: edge(place.centreY, image.height * scale, view.height),
  };
}

/** The place at which `placement` draws an image so; its centre is brought to where the drawing really is. */
function placeOf(drawn: Placement, image: Size, view: ViewSize): ViewerPlace {
  return {
    zoom: drawn.scale / fitScale(image, view),
    centreX: (view.width / 2 - drawn.left) / (image.width * drawn.scale),
    centreY: (view.height / 2 - drawn.top) / (image.height * drawn.scale),
  };
}

/** Zoomed by a factor with the point of the image under the cursor kept there, as far as there is no margin to be seen. */
export function zoomedAt(
  place: ViewerPlace,
  factor: number,
  cursor: { readonly x: number; readonly y: number },
  image: Size,
  view: ViewSize,
): ViewerPlace {
  const before = placement(place, image, view);
  const fit = fitScale(image, view);
  const scale = Math.min(Math.max(MAX_SCALE, fit), Math.max(fit, before.scale * factor));
  const ratio = scale / before.scale;
  const left = cursor.x - (cursor.x - before.left) * ratio;
  const top = cursor.y - (cursor.y - before.top) * ratio;
  return settled(placeOf({ scale, left, top }, image, view), image, view);
}

/** Moved by pixels of the screen, as a hand drags the image. */
export function panned(place: ViewerPlace, byX: number, byY: number, image: Size, view: ViewSize): ViewerPlace {
  const drawn = placement(place, image, view);
  return settled(placeOf({ ...drawn, left: drawn.left + byX, top: drawn.top + byY }, image, view), image, view);
}

/** One pixel of the image on one of the screen, around a point of the view. */
export function actualSize(
  place: ViewerPlace,
  cursor: { readonly x: number; readonly y: number },
  image: Size,
  view: ViewSize,
): ViewerPlace {
  return zoomedAt(place, 1 / placement(place, image, view).scale, cursor, image, view);
}

function settled(place: ViewerPlace, image: Size, view: ViewSize): ViewerPlace {
  return placeOf(placement(place, image, view), image, view);
}

function edge(centre: number, imagePx: number, viewPx: number): number {
  if (imagePx <= viewPx) return (viewPx - imagePx) / 2;
  return Math.min(0, Math.max(viewPx - imagePx, viewPx / 2 - centre * imagePx));
}
