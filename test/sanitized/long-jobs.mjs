// Of a worker thread that is ended in the midst of its jobs.

import { parentPort } from 'node:worker_threads';
import {
  callbackScore,
  eulerMaruyama,
  itoSde,
  mixtureScore,
  sample,
  solve,
  stream,
  streamPaths,
  vp,
} from '../../dist/esm/index.js';

const mixture = mixtureScore({ weights: [1], means: new Float32Array(784), variances: [0.25] });
const callback = callbackScore((x, _t, out) => void out.set(x));
const job = { sde: vp(), shape: [784], count: 10_000, solver: eulerMaruyama({ steps: 1000 }) };
for (const score of [mixture, callback]) {
  sample({ ...job, score }).catch(() => {});
  stream({ ...job, score }).next();
}
const oscillator = itoSde({ state: ['x', 'v'], equations: ['dx = v*dt', 'dv = -x*dt + dW1'] });
const paths = { t1: 1, x0: [1, 0], paths: 1e6, solver: eulerMaruyama({ steps: 1000 }) };
solve(oscillator, paths).catch(() => {});
solve(oscillator, { ...paths, reductions: { quantiles: [0.5] } }).catch(() => {});
streamPaths(oscillator, { ...paths, onProgress: () => {} }).next();
parentPort.postMessage('started');
