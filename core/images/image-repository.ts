import type { Inspection, Measurements } from '../../shared/inspection.ts';
import type { ImageFormat } from '../../shared/vocabulary.ts';
import { Repository } from '../db/repository.ts';
import type { JudgedFacts } from '../judge/judge.ts';
import { factsOf, IMAGE_FACT_COLUMNS, type ImageFactRow } from './image-facts.ts';

interface StoredImageRow {
  readonly id: number;
  readonly format: ImageFormat;
  readonly width: number;
  readonly height: number;
}

/** The rows of images: one for each distinct content of an owner. Hashes are hexadecimal. */
export class ImageRepository extends Repository {
  /** undefined when the library has no image with this content. */
  find(sha256: string): StoredImageRow | undefined {
    return this.database
      .prepare<[Buffer, string], StoredImageRow>(
        'SELECT id, format, width, height FROM images WHERE sha256 = ? AND owner_id = ?',
      )
      .get(Buffer.from(sha256, 'hex'), this.ownerId);
  }

  /** The same without its facts. */
  findId(sha256: string): number | undefined {
    return this.database
      .prepare<[Buffer, string], { id: number }>('SELECT id FROM images WHERE sha256 = ? AND owner_id = ?')
      .get(Buffer.from(sha256, 'hex'), this.ownerId)?.id;
  }

  /** What rules look at; undefined when the row is gone. */
  findFacts(id: number): (JudgedFacts & { format: string }) | undefined {
    const row = this.database
      .prepare<[number], ImageFactRow>(`SELECT ${IMAGE_FACT_COLUMNS} FROM images i WHERE i.id = ?`)
      .get(id);
    return row === undefined ? undefined : factsOf(row);
  }

  /** undefined when the row is gone. */
  findSizeBytes(id: number): number | undefined {
    return this.database.prepare<[number], { size_bytes: number }>('SELECT size_bytes FROM images WHERE id = ?').get(id)
      ?.size_bytes;
  }

  /** Adds an image whose content the library does not have. Call inside `database.write`. @returns its id */
  insert(sha256: string, inspection: Inspection & { measurements: Measurements }): number {
    const m = inspection.measurements;
    return Number(
      this.database
        .prepare(
          `INSERT INTO images (owner_id, sha256, size_bytes, format, width, height, orientation, frames, channels,
             bit_depth, colour_space, has_alpha, has_icc_profile, integrity, detail, exif, brightness_p1, brightness_p5,
             brightness_p50, brightness_p95, brightness_p99, brightness, contrast, entropy, colourfulness, sharpness,
             sharpness_half, dominant_colour, d_hash_high, d_hash_low, p_hash_high, p_hash_low, created_at)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        )
        .run(
          this.ownerId,
          Buffer.from(sha256, 'hex'),
          inspection.sizeBytes,
          inspection.format,
          inspection.width,
          inspection.height,
          inspection.orientation,
          inspection.frames,
          inspection.channels,
          inspection.bitDepth,
          inspection.colourSpace,
          inspection.hasAlpha ? 1 : 0,
          inspection.hasIccProfile ? 1 : 0,
          inspection.integrity,
          inspection.detail,
          inspection.exif === null ? null : JSON.stringify(inspection.exif),
          m.brightnessP1,
          m.brightnessP5,
          m.brightnessP50,
          m.brightnessP95,
          m.brightnessP99,
          m.brightness,
          m.contrast,
          m.entropy,
          m.colourfulness,
          m.sharpness,
          m.sharpnessHalf,
          m.dominantColour,
          m.dHashHigh,
          m.dHashLow,
          m.pHashHigh,
          m.pHashLow,
          Date.now(),
        ).lastInsertRowid,
    );
  }

  /** Whether any owner's row refers to this content. */
  isReferredTo(sha256: string): boolean {
    return (
      this.database
        .prepare<[Buffer], { id: number }>('SELECT id FROM images WHERE sha256 = ? LIMIT 1')
        .get(Buffer.from(sha256, 'hex')) !== undefined
    );
  }

  /** Of these hashes, those that any owner's row refers to. */
  referredTo(sha256s: readonly string[]): ReadonlySet<string> {
    const rows = this.database
      .prepare<[string], { sha256: string }>(
        'SELECT lower(hex(sha256)) AS sha256 FROM images WHERE sha256 IN (SELECT unhex(value) FROM json_each(?))',
      )
      .all(JSON.stringify(sha256s));
    return new Set(rows.map((row) => row.sha256));
  }

  /** How many images the owner has, and their bytes. Reads all of them: run it on a reader. */
  sizeQuery(): { sql: string; parameters: string[] } {
    return {
      sql: 'SELECT count(*) AS count, coalesce(sum(size_bytes), 0) AS bytes FROM images WHERE owner_id = ?',
      parameters: [this.ownerId],
    };
  }
}
