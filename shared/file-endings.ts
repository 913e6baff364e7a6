/** What a person may hand to the program, by the endings of names, without the dot. Only a hint: bytes decide what a file is. */
export const FILE_ENDINGS = {
  image: ['jpg', 'jpeg', 'png', 'webp', 'gif', 'avif', 'heif', 'heic', 'tif', 'tiff', 'bmp'],
  archive: ['zip', 'tar', 'tgz', 'gz'],
  list: ['txt', 'csv', 'tsv', 'jsonl', 'ndjson'],
} as const;
