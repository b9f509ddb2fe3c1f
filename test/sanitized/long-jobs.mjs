// Of a worker thread that is ended in the midst of its jobs.

import { parentPort } from 'node:worker_threads';
import { callbackScore, eulerMaruyama, mixtureScore, sample, stream, vp } from '../../dist/esm/index.js';

const mixture = mixtureScore({ weights: [1], means: new Float32Array(784), variances: [0.25] });
const callback = callbackScore((x, _t, out) => void out.set(x));
const job = { sde: vp(), shape: [784], count: 10_000, solver: eulerMaruyama({ steps: 1000 }) };
for (const score of [mixture, callback]) {
  sample({ ...job, score }).catch(() => {});
  stream({ ...job, score }).next();
}
parentPort.postMessage('started');
