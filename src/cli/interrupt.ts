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
  let first: { name: InterruptName; at: number } | undefined;
  const onInterrupt = (name: InterruptName) => {
    if (first !== undefined && Date.now() - first.at > PATIENCE_MS) process.exit(exitCodeOf(name));
    first ??= { name, at: Date.now() };
    controller.abort(name);
  };
  for (const name of SIGNALS) process.on(name, onInterrupt);
  return {
    signal: controller.signal,
    exitCode: () => first && exitCodeOf(first.name),
    release: () => {
      for (const name of SIGNALS) process.off(name, onInterrupt);
    },
  };
}

function exitCodeOf(name: InterruptName): number {
  return 128 + constants.signals[name];
}
