/** Where the files of an export go: a folder, a tar or a zip. Calls are synchronous: this runs on a thread of its own. */
export interface EntryWriter {
  /**
   * Adds a file under a relative name with `/`. Names must be unique.
   * @throws SourceProblem when the source is missing, cannot be read or has another size
   */
  add(name: string, sourcePath: string, sizeBytes: number): void;
  /** Adds a file that the writer may take away. */
  addSpooled(name: string, sourcePath: string, sizeBytes: number): void;
  /**
   * Completes the folder or the archive, which can be read when this returns; the promise is kept once an archive is
   * durable. A folder is left to the system: a sync for each of its files would take longer than all the rest.
   */
  finish(): Promise<void>;
  /** Closes what is open; the output is then of no use. */
  abandon(): void;
}
