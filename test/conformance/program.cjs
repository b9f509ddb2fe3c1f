// What every runtime has to do right, written for any of them: `check(name, body)` runs a body that throws where it is
// not so. Given the package, since each runtime and format gets it in its own way.
'use strict';
const assert = require('node:assert/strict');

module.exports = function conformance({ sample, stream, vp, mixtureScore, callbackScore, eulerMaruyama, SdeError }) {
  const score = mixtureScore({ weights: [1], means: [[0, 0]], variances: [0.04] });
  const job = { sde: vp(), score, shape: [2], count: 3, seed: 1, solver: eulerMaruyama({ steps: 3 }) };
  const rejection = promise => promise.then(assert.fail, error => error);
  return {
    'samples and figures are arrays of the caller': async () => {
      const { samples, stats } = await sample(job);
      assert.ok(samples instanceof Float32Array);
      assert.ok(stats.evaluations instanceof Uint32Array);
      assert.deepEqual(stats.evaluations, Uint32Array.of(4, 4, 4));
      assert.deepEqual(stats.status, ['success', 'success', 'success']);
    },
    'a seed means the same samples, streamed or not': async () => {
      const { samples } = await sample(job);
      for await (const { index, data } of stream(job)) {
        assert.ok(data instanceof Float32Array);
        assert.deepEqual(data, samples.slice(2 * index, 2 * index + 2));
        await sample({ ...job, count: 1, initial: data });
      }
    },
    'callbacks answer by an array or in out': async () => {
      const fill = (x, _t, out) => {
        for (let i = 0; i < x.length; i++) out[i] = -x[i];
      };
      const returned = await sample({ ...job, score: callbackScore(x => x.map(value => -value)) });
      const filled = await sample({ ...job, score: callbackScore(fill) });
      assert.deepEqual(returned.samples, filled.samples);
    },
    'errors are SdeErrors with a code': async () => {
      const error = await rejection(sample({ ...job, count: 0 }));
      assert.ok(error instanceof SdeError && error instanceof Error);
      assert.equal(error.code, 'ERR_SDE_INVALID_OPTION');
    },
    'what onProgress throws comes back': async () => {
      class Own extends Error {}
      const onProgress = () => {
        throw new Own('x');
      };
      const long = { ...job, count: 5000, solver: eulerMaruyama({ steps: 300 }) };
      assert.ok((await rejection(sample({ ...long, onProgress }))) instanceof Own);
    },
    'a signal stops a job': async () => {
      const controller = new AbortController();
      const long = { ...job, count: 100000, solver: eulerMaruyama({ steps: 1000 }), signal: controller.signal };
      setTimeout(() => controller.abort(), 20);
      assert.equal((await rejection(sample(long))).code, 'ERR_SDE_ABORTED');
    },
    'large samples are streamed': async () => {
      const wide = 2 ** 18;
      const means = new Float32Array(wide);
      const of = { ...job, score: mixtureScore({ weights: [1], means, variances: [1] }), shape: [wide], count: 2 };
      const { samples } = await sample(of);
      for await (const { index, data } of stream(of)) assert.equal(data[7], samples[index * wide + 7]);
    },
  };
};
