import type { SampleDetails } from '../../../shared/contract/samples.ts';
import { t } from '../../messages/index.ts';

type Exif = SampleDetails['exif'];
type ExifRow = readonly [name: string, value: string];

/** What the camera wrote, in words and with units; what has no words here stays as it is named, at the end. */
export function exifRows(exif: Exif): readonly ExifRow[] {
  const words = t.exif.names;
  const left = new Map(Object.entries(exif).filter(([, value]) => value !== null && value !== ''));
  const rows: ExifRow[] = [];
  const take = (key: string) => {
    const value = left.get(key);
    left.delete(key);
    return value;
  };
  const takeNumber = (key: string) => (typeof left.get(key) === 'number' ? (take(key) as number) : undefined);
  const add = (name: string, value: string | undefined) => {
    if (value !== undefined) rows.push([name, value]);
  };
  const addText = (name: string, key: string) => {
    const value = take(key);
    if (value !== undefined) add(name, String(value));
  };
  const addNumber = (name: string, key: string, format: (value: number) => string) => {
    const value = takeNumber(key);
    if (value !== undefined) add(name, format(value));
  };

  add(words.camera, cameraOf(take('make'), take('model')));
  addText(words.lens, 'lens');
  const takenAt = take('takenAt');
  if (takenAt !== undefined) add(words.takenAt, t.exif.takenAt(String(takenAt)));
  addNumber(words.exposure, 'exposureTimeS', t.exif.exposureTime);
  addNumber(words.aperture, 'fNumber', t.exif.aperture);
  addNumber(words.iso, 'iso', String);
  addNumber(words.focalLength, 'focalLengthMm', t.exif.focalLength);
  const [latitude, longitude] = [left.get('latitude'), left.get('longitude')];
  if (typeof latitude === 'number' && typeof longitude === 'number') {
    left.delete('latitude');
    left.delete('longitude');
    add(words.position, t.exif.position(latitude, longitude));
  }
  addText(words.artist, 'artist');
  addText(words.copyright, 'copyright');
  addText(words.software, 'software');
  for (const [name, value] of left) rows.push([name, String(value)]);
  return rows;
}

/** Many models are named with their maker. */
function cameraOf(make: Exif[string] | undefined, model: Exif[string] | undefined): string | undefined {
  const [maker, name] = [make, model].map((value) => (value === undefined ? '' : String(value)));
  const isNamed = maker !== '' && name?.toLowerCase().startsWith(`${maker?.toLowerCase()} `);
  const camera = isNamed ? name : [maker, name].filter((part) => part !== '').join(' ');
  return camera === '' ? undefined : camera;
}
