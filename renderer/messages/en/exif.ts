const WALL_TIME = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium', timeZone: 'UTC' });
const FINE = new Intl.NumberFormat('en', { maximumFractionDigits: 2 });

/** The clock of the camera, wherever the reader is; its zone where it is known. What is no time stays as it is. */
function takenAt(text: string): string {
  const [, time, zone] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(Z|[+-]\d\d:\d\d)?$/.exec(text) ?? [];
  const at = Date.parse(`${time}Z`);
  if (time === undefined || Number.isNaN(at)) return text;
  return `${WALL_TIME.format(at)}${zone === undefined ? '' : ` (UTC${zone === 'Z' ? '' : zone})`}`;
}

/** Whether photographers say 1/250 for it. */
function isFraction(seconds: number): boolean {
  const parts = 1 / seconds;
  return seconds < 1 && (parts > 10 || Math.abs(parts - Math.round(parts)) < 0.01);
}

/** What cameras write into files. */
export const exif = {
  names: {
    camera: 'Camera',
    lens: 'Lens',
    takenAt: 'Taken',
    exposure: 'Exposure',
    aperture: 'Aperture',
    iso: 'ISO',
    focalLength: 'Focal length',
    position: 'Position',
    artist: 'Artist',
    copyright: 'Copyright',
    software: 'Software',
  },
  takenAt,
  exposureTime: (seconds: number) => `${isFraction(seconds) ? `1/${Math.round(1 / seconds)}` : FINE.format(seconds)} s`,
  aperture: (fNumber: number) => `f/${FINE.format(fNumber)}`,
  focalLength: (millimetres: number) => `${FINE.format(millimetres)} mm`,
  position: (latitude: number, longitude: number) =>
    `${Math.abs(latitude)}° ${latitude < 0 ? 'S' : 'N'}, ${Math.abs(longitude)}° ${longitude < 0 ? 'W' : 'E'}`,
};
