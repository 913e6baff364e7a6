/** How a worker process is started, whichever host starts it. */

/** What a worker needs of our environment: how to find libraries, a temporary folder, the time zone. No secrets. */
const PASSED_VARIABLES = ['PATH', 'LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH', 'TMPDIR', 'TEMP', 'TMP', 'TZ', 'SystemRoot'];

const OWN_VARIABLES: Readonly<Record<string, string>> = {
  // Large pixel buffers come from the heap and stay there: without these glibc maps and unmaps each (a quarter slower).
  MALLOC_MMAP_THRESHOLD_: '268435456',
  MALLOC_TRIM_THRESHOLD_: '536870912',
  MALLOC_ARENA_MAX: '2',
  // libvips then refuses the loaders that its authors do not trust with hostile files, SVG among them.
  VIPS_BLOCK_UNTRUSTED: '1',
};

/** Flags for its Node: 256 MiB of heap a thread, and a young generation that stays small. */
export const WORKER_FLAGS: readonly string[] = ['--max-old-space-size=256', '--max-semi-space-size=1'];

/** How much of what it wrote to a stream is kept, in bytes: the end. */
export const WORKER_TAIL_BYTES = 4096;

/** The environment of a worker process: an allow-list of ours, and its own settings. */
export function workerEnvironment(ours: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return { ...passedOn(ours, PASSED_VARIABLES), ...OWN_VARIABLES };
}

/** Those of the variables that are set. */
export function passedOn(
  ours: Readonly<Record<string, string | undefined>>,
  names: readonly string[],
): Record<string, string> {
  const set = names.flatMap((name) => {
    const value = ours[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(set);
}
