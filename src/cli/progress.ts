/** Progress on stderr: a bar on a terminal, a line every tenth elsewhere (logs, pipes). */
import { Presets, SingleBar } from 'cli-progress';
import type { CompareProgress, Progress } from '../index.js';
import { seconds } from './table.js';

export interface ProgressView {
  /** networkCalls: of samples. */
  update(progress: Omit<Progress, 'networkCalls'> & Partial<Progress>): void;
  /** Leaves the terminal tidy; harmless when called twice. */
  stop(): void;
}

/** `what`: what is counted. */
export function progressView(stream: NodeJS.WriteStream, what: 'samples' | 'paths' = 'samples'): ProgressView {
  return stream.isTTY ? bar(stream, what) : lines(stream, what);
}

function bar(stream: NodeJS.WriteStream, what: string): ProgressView {
  const calls = what === 'samples' ? ' | {networkCalls} network calls' : '';
  const view = new SingleBar(
    {
      stream,
      format: `{bar} {percentage} % | {finished}/{count} ${what}${calls} | {eta_formatted} left`,
      hideCursor: true,
      // Ctrl-C is ours: the job is aborted first, then the bar stops.
      gracefulExit: false,
      etaBuffer: 50,
    },
    Presets.shades_classic,
  );
  view.start(1000, 0, { finished: 0, count: '?', networkCalls: 0 });
  return {
    update: ({ fraction, ...rest }) => view.update(Math.round(1000 * fraction), rest),
    stop: () => view.stop(),
  };
}

function lines(stream: NodeJS.WriteStream, what: string): ProgressView {
  let shown = 0;
  return {
    update({ fraction, finished, count, networkCalls }) {
      const tenths = Math.floor(10 * fraction + 1e-9);
      if (tenths <= shown) return;
      shown = tenths;
      const calls = networkCalls === undefined ? '' : ` | ${networkCalls} network calls`;
      stream.write(`${10 * tenths} % | ${finished}/${count} ${what}${calls}\n`);
    },
    stop() {},
  };
}

/** Of a comparison: a line that is written over on a terminal, a line a cell elsewhere. */
export function compareProgressView(stream: NodeJS.WriteStream): {
  update(progress: CompareProgress): void;
  stop(): void;
} {
  const start = stream.isTTY ? '\r\x1b[K' : '';
  const end = stream.isTTY ? '' : '\n';
  return {
    update({ finished, count, cell, measuring, secondsLeft }) {
      const left = secondsLeft === undefined ? '' : ` | ${seconds(1000 * secondsLeft)} left`;
      const what = cell ? `${cell.target} | ${cell.solver} | seed ${cell.seed}` : `measuring ${measuring}`;
      if (cell || measuring) stream.write(`${start}${finished}/${count} | ${what}${cell ? left : ''}${end}`);
    },
    stop: () => void (stream.isTTY && stream.write(start)),
  };
}
