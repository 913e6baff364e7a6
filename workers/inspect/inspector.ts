/** One look at one file: read, tell the format, check the budget, decode strictly or else leniently, measure. */

import { hash } from 'node:crypto';
import {
  type Inspection,
  type InspectionAnswer,
  type InspectionLimits,
  type InspectionRequest,
  undecoded,
} from '../../shared/inspection.ts';
import type { Failure, ImageFormat, Refusal } from '../../shared/vocabulary.ts';
import { readBmpHeader } from './bmp.ts';
import { overBudget } from './budget.ts';
import {
  BmpDecoder,
  type Decoded,
  type ImageDecoder,
  type JpegBinding,
  JpegTurboDecoder,
  SharpDecoder,
} from './decoders.ts';
import { type Exif, plainText, readExif } from './exif.ts';
import { readGifHeader } from './gif-header.ts';
import type { HeaderFacts } from './header.ts';
import { convertToSrgb, isForeignRgb } from './icc-profile.ts';
import { type JpegFacts, readJpegHeader } from './jpeg-header.ts';
import type { Kernels, ReducedImage } from './kernels.ts';
import { measure } from './measure.ts';
import { readPngHeader } from './png-header.ts';
import { copyHashed, FileReader } from './read-file.ts';
import { readSharpHeader } from './sharp-header.ts';
import { sniff } from './sniff.ts';
import { ThumbnailEncoder } from './thumbnail.ts';
import { readWebpHeader } from './webp-header.ts';

const DETAIL_LENGTH = 200;

/** What libraries say about sound files that they have no code for. */
const NO_CODE = /not configured|not supported|unsupported|not implemented/i;

type Opened = { readonly facts: HeaderFacts } | { readonly refusal: Refusal; readonly detail: string };

function hashAsAsked(bytes: Buffer, request: InspectionRequest): string | undefined {
  if (request.copyTo !== undefined) return copyHashed(bytes, request.copyTo);
  return request.hash === true ? hash('sha256', bytes, 'hex') : undefined;
}

/** Holds the decoders and their memory. Not reentrant: wait for one inspection before asking for the next. */
export class Inspector {
  readonly #kernels: Kernels;
  readonly #sharpDecoder: ImageDecoder;
  readonly #jpegDecoder: ImageDecoder | null;
  readonly #bmpDecoder: ImageDecoder;
  readonly #thumbnails: ThumbnailEncoder;
  readonly #reader = new FileReader();

  constructor(binding: JpegBinding | null, kernels: Kernels) {
    this.#kernels = kernels;
    this.#sharpDecoder = new SharpDecoder(kernels);
    this.#jpegDecoder = binding === null ? null : new JpegTurboDecoder(binding, kernels);
    this.#bmpDecoder = new BmpDecoder(kernels);
    this.#thumbnails = new ThumbnailEncoder(binding, kernels);
  }

  /**
   * @returns the answer; a broken file is an answer too
   * @throws the file system's error when the copy could not be written
   */
  async inspect(request: InspectionRequest, limits: InspectionLimits): Promise<InspectionAnswer> {
    const read = this.#reader.read(request.path, limits.maxFileBytes);
    if (read.bytes === null) {
      return { inspection: closed('unknown', read.sizeBytes, read.reason, read.detail), thumbnail: null };
    }
    try {
      const sha256 = hashAsAsked(read.bytes, request);
      const answer = await this.#look(read.bytes, limits);
      return sha256 === undefined ? answer : { ...answer, sha256 };
    } finally {
      this.#reader.release(read.bytes);
    }
  }

  async #look(bytes: Buffer, limits: InspectionLimits): Promise<InspectionAnswer> {
    const { format, foreign } = sniff(bytes);
    const end = (reason: Failure | Refusal, detail: string | null, facts?: HeaderFacts): InspectionAnswer => ({
      inspection: {
        ...closed(format, bytes.length, reason, detail),
        ...(facts && described(facts, readExif(facts.exif))),
      },
      thumbnail: null,
    });
    if (format === 'svg') return end('svg-refused', 'drawings are not rendered');
    if (format === 'unknown') return foreign === null ? end('not-an-image', null) : end('unsupported-format', foreign);
    let facts: HeaderFacts | null = null;
    try {
      const opened = await this.#open(bytes, format, limits);
      if ('refusal' in opened) return end(opened.refusal, opened.detail);
      facts = opened.facts;
      const refused = overBudget(facts, limits);
      if (refused !== null) return end(refused.reason, refused.detail, facts);
      return await this.#decodeAndMeasure(bytes, facts);
    } catch (error) {
      const reason = error instanceof UnsupportedError ? 'unsupported-format' : 'unreadable';
      return end(reason, words(error), facts ?? undefined);
    }
  }

  async #open(bytes: Buffer, format: ImageFormat, limits: InspectionLimits): Promise<Opened> {
    const facts = this.#readHeader(bytes, format, limits);
    if (facts !== null) return { facts };
    if (format !== 'tiff' && format !== 'avif' && format !== 'heif') throw new Error(`the ${format} header is broken`);
    const found = await readSharpHeader(bytes, format);
    // The prebuilt library carries no HEVC decoder (its patents are licensed).
    if (found.codec === 'hevc') return { refusal: 'unsupported-format', detail: 'HEVC-coded HEIF' };
    return { facts: found };
  }

  #readHeader(bytes: Buffer, format: ImageFormat, limits: InspectionLimits): HeaderFacts | null {
    switch (format) {
      case 'jpeg':
        return readJpegHeader(bytes);
      case 'png':
        return readPngHeader(bytes);
      case 'webp':
        return readWebpHeader(bytes);
      case 'gif':
        return readGifHeader(bytes, limits.maxFrames);
      case 'bmp':
        return readBmpHeader(bytes);
      default:
        return null;
    }
  }

  async #decodeAndMeasure(bytes: Buffer, facts: HeaderFacts): Promise<InspectionAnswer> {
    const { decoded, damage } = await this.#decode(bytes, facts);
    const exif = readExif(facts.exif);
    const orientation = facts.orientation ?? exif.orientation;
    const image = this.#kernels.orient(await this.#inSrgb(decoded.image, facts), orientation);
    // Measured before the encoder is waited for, while the views are valid.
    const measurements = measure(this.#kernels.analyse(image), image.width, image.height);
    const thumbnail = await this.#thumbnails.encode(image);
    const inspection: Inspection = {
      ...closed(facts.format, bytes.length, null, damage),
      ...described({ ...facts, ...decoded.size }, exif),
      integrity: damage === null ? 'ok' : 'damaged',
      measurements,
    };
    return { inspection, thumbnail };
  }

  /** The reduced image in sRGB: nearly every image is already, and 256 pixels a side are soon converted. */
  async #inSrgb(image: ReducedImage, { iccProfile, colourSpace }: HeaderFacts): Promise<ReducedImage> {
    const isRgb = image.channels === 3 && (colourSpace === 'srgb' || colourSpace === 'rgb16');
    if (!isRgb || iccProfile === null || !isForeignRgb(iccProfile)) return image;
    const { width, height } = image;
    try {
      const pixels = await convertToSrgb(this.#kernels.pixelsOf(image), width, height, iccProfile);
      return this.#kernels.reduceLarge(pixels, width, height, 3);
    } catch {
      // A profile that cannot be applied makes no picture unreadable.
      return image;
    }
  }

  /** Strictly, else leniently; `damage` says why the strict look failed, or what is wrong with the file all the same. */
  async #decode(bytes: Buffer, facts: HeaderFacts): Promise<{ decoded: Decoded; damage: string | null }> {
    const decoder = this.#decoderOf(facts);
    const lenient = decoder === this.#jpegDecoder ? this.#sharpDecoder : decoder;
    try {
      return { decoded: await decoder.decode(bytes, facts, true), damage: facts.fault };
    } catch (error) {
      const damage = words(error);
      if (NO_CODE.test(damage)) throw new UnsupportedError(damage);
      return { decoded: await lenient.decode(bytes, facts, false), damage };
    }
  }

  #decoderOf(facts: HeaderFacts): ImageDecoder {
    if (facts.format === 'bmp') return this.#bmpDecoder;
    const { usualSampling = false } = facts as Partial<JpegFacts>;
    const turbo = usualSampling && (facts.channels === 1 || facts.channels === 3) && facts.bitDepth === 8;
    return (turbo ? this.#jpegDecoder : null) ?? this.#sharpDecoder;
  }
}

/** The file may be sound, but nothing here can decode it. */
class UnsupportedError extends Error {}

/** The row of a file that was not opened, or whose header was not understood. */
function closed(
  format: ImageFormat,
  sizeBytes: number,
  reason: Failure | Refusal | null,
  detail: string | null,
): Inspection {
  return undecoded({
    integrity: REFUSED.has(reason) ? 'refused' : 'unreadable',
    reason,
    detail: detail === null ? null : plainText(detail, DETAIL_LENGTH) || null,
    format,
    sizeBytes,
  });
}

const REFUSED: ReadonlySet<Failure | Refusal | null> = new Set([
  'too-large',
  'over-budget',
  'too-many-frames',
  'svg-refused',
  'unsupported-format',
] as const);

function described(facts: HeaderFacts, exif: Exif): Partial<Inspection> {
  const orientation = facts.orientation ?? exif.orientation;
  const turned = orientation >= 5;
  return {
    width: turned ? facts.height : facts.width,
    height: turned ? facts.width : facts.height,
    orientation,
    frames: facts.frames,
    channels: facts.channels,
    bitDepth: facts.bitDepth,
    colourSpace: facts.colourSpace,
    hasAlpha: facts.hasAlpha,
    hasIccProfile: facts.hasIccProfile,
    exif: exif.facts,
  };
}

/** A library's message as one line without the noise around it. */
function words(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const lines = message
    .split('\n')
    .filter((line) => !line.startsWith('Warning treated as error') && line.trim() !== '');
  return plainText(lines[0] ?? '', DETAIL_LENGTH) || 'the decoder gave no reason';
}
