/** Ctrl-C as an AbortSignal. */

/** 128 + SIGINT: the exit code that shells expect of an interrupted program. */
export const INTERRUPTED = 130;

/** From when on a second Ctrl-C is meant: npm and a terminal may both pass on the first one. */
const PATIENCE_MS = 1000;

/**
 * The first Ctrl-C aborts `signal`, a later one ends the process at once. `release` gives Ctrl-C its usual meaning back.
 */
export function interruptSignal(): { signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  let first: number | undefined;
  const onInterrupt = () => {
    if (first !== undefined && Date.now() - first > PATIENCE_MS) process.exit(INTERRUPTED);
    first ??= Date.now();
    controller.abort();
  };
  process.on('SIGINT', onInterrupt);
  return { signal: controller.signal, release: () => void process.off('SIGINT', onInterrupt) };
}
