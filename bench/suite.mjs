// Small jobs through the whole API, by benchmark.js: what a call costs beside what it computes.
//
//   node bench/suite.mjs
//
// One operation is one `sample`; samples a second and evaluations a second follow from it.

import Benchmark from 'benchmark';
import { adaptive, callbackScore, eulerMaruyama, mixtureScore, sample, vp } from '../dist/esm/index.js';
import { keep } from './report.mjs';

const gaussian = n => mixtureScore({ weights: [1], means: [new Float32Array(n)], variances: [0.25] });
const two = mixtureScore({ weights: [1, 2], means: new Float32Array([-0.5, 0, 0.5, 0.2]), variances: [0.01, 0.04] });
const standard = callbackScore((x, _t, out) => {
  for (let i = 0; i < x.length; ++i) out[i] = -x[i];
});

const jobs = [
  ['one sample, one dimension, one step', { score: gaussian(1), shape: [1], solver: eulerMaruyama({ steps: 1 }) }],
  ['1000 samples of a mixture in the plane', { score: two, shape: [2], count: 1000 }],
  ['the same, 256 slots', { score: two, shape: [2], count: 1000, batch: 256 }],
  ['256 samples, 64 dimensions', { score: gaussian(64), shape: [64], count: 256 }],
  ['32 samples, 3072 dimensions', { score: gaussian(3072), shape: [3072], count: 32 }],
  [
    'the same, 1000 Euler–Maruyama steps',
    { score: gaussian(3072), shape: [3072], count: 32, solver: eulerMaruyama({ steps: 1000 }) },
  ],
  ['32 samples, 64 dimensions, score in JavaScript', { score: standard, shape: [64], count: 32 }],
].map(([name, options]) => [name, { sde: vp(), solver: adaptive({ rtol: 0.05 }), ...options }]);

const suite = new Benchmark.Suite();
for (const [name, options] of jobs) {
  suite.add(name, {
    defer: true,
    maxTime: 2,
    fn: deferred =>
      sample(options).then(
        () => deferred.resolve(),
        error => fail(name, error),
      ),
  });
}
suite.on('cycle', event => console.error(String(event.target)));
suite.on('complete', report);
suite.run({ async: true });

/** benchmark.js would wait for ever for an operation that does not end. */
function fail(name, error) {
  console.error(`${name}: ${error.stack}`);
  process.exit(1);
}

async function report() {
  const results = [];
  for (const [i, [name, options]] of jobs.entries()) {
    const { stats } = await sample(options);
    const evaluations = stats.evaluations.reduce((sum, one) => sum + one, 0);
    const { mean, rme } = suite[i].stats;
    const count = options.count ?? 1;
    results.push({
      name,
      seconds: mean,
      error_percent: rme,
      samples_per_s: count / mean,
      evaluations_per_s: evaluations / mean,
    });
  }
  keep('suite', {
    title: 'Small jobs through the API',
    head: ['', 'ms a job', '±', 'samples/s', 'evaluations/s'],
    rows: results.map(one => [
      one.name,
      (1000 * one.seconds).toFixed(2),
      `${one.error_percent.toFixed(0)} %`,
      one.samples_per_s.toPrecision(3),
      Math.round(one.evaluations_per_s),
    ]),
    data: { results },
  });
}
