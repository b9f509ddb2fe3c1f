/** Ctrl-C, `kill` and a closed terminal as an AbortSignal. */
import { constants } from 'node:os';

/** Ctrl-C; docker stop, systemd and batch queues; a terminal that goes away. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
type InterruptName = (typeof SIGNALS)[number];

/** From when on a second signal is meant: npm and a terminal may both pass on the first one. */
const PATIENCE_MS = 250;

export interface Interrupt {
  readonly signal: AbortSignal;
  /** 128 + the number of the first signal: 130, 143 or 129, as shells expect it. Undefined before one came. */
  exitCode(): number | undefined;
  /** Gives the signals their usual meaning back. */
  release(): void;
}

/** The first signal aborts `signal`, a later one ends the process at once. */
export function interruptSignal(): Interrupt {
  const controller = new AbortController();
  let first: InterruptName | undefined;
  let patient = true;
  const onInterrupt = (name: InterruptName) => {
    if (!patient) process.exit(exitCodeOf(name));
    if (first !== undefined) return;
    first = name;
    controller.abort(name);
    // A signal that came in time may be heard late, when this thread was busy: only then is the next one a second.
    setTimeout(() => setImmediate(() => (patient = false)).unref(), PATIENCE_MS).unref();
  };
  for (const name of SIGNALS) process.on(name, onInterrupt);
  return {
    signal: controller.signal,
    exitCode: () => first && exitCodeOf(first),
    release: () => {
      for (const name of SIGNALS) process.off(name, onInterrupt);
    },
  };
}

function exitCodeOf(name: InterruptName): number {
  return 128 + constants.signals[name];
}
