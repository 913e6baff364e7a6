/** How the core gets child processes. Implemented by spawning Node (`fork-process-host.ts`) and, on the desktop, by Electron's utility processes. */

/** How a process ended. */
export interface ProcessExit {
  /** null when a signal ended it, or when it could not be started. */
  readonly code: number | null;
  readonly signal: string | null;
  /** A few KiB of its standard output: all of it, or the last; empty where the host cannot tell. */
  readonly outputTail: string;
  /** The last few KiB it wrote to standard error, or why it could not be started. */
  readonly errorTail: string;
}

export interface HostedProcess {
  /** undefined when the process could not be started; its exit follows. */
  readonly pid: number | undefined;
  /** Sends one message of structured-cloneable data; lost when the process is gone. */
  send(message: unknown): void;
  /** Ends the process at once, whatever it does (SIGKILL). Does nothing when it is gone. */
  kill(): void;
}

export interface ProcessEvents {
  /** One message, as it came: nothing in it is checked. */
  readonly onMessage: (message: unknown) => void;
  /** Called exactly once, after the last message. */
  readonly onExit: (exit: ProcessExit) => void;
}

export interface ProcessHost {
  /**
   * Starts a process; never throws. A process that speaks what cannot be decoded is killed by the host, and every
   * process ends itself when this one is gone.
   */
  spawn(entry: string, events: ProcessEvents): HostedProcess;
}
