// A score written in JavaScript: called once for each batch of requests, while the solver stays native.
//
//     node examples/03-callback-score.mjs
//
// The "network" here is the best denoiser there is for a known data set: the mean of the data points, weighted
// by how likely each of them is behind the noisy x. So `predicts` is 'denoised'. A callback may be async as
// well: it can ask another process or another machine.
import { callbackScore, sample, vp } from 'fast-sde';

const points = Array.from({ length: 12 }, (_, i) => [Math.cos((i * Math.PI) / 6), Math.sin((i * Math.PI) / 6)]);
const sde = vp();
let calls = 0;

/** x: [rows, 2], t: [rows], out: [rows, 2] to be filled. Rows are at different times: slots are not in step. */
function denoise(x, t, out, { rows }) {
  calls++;
  for (let row = 0; row < rows; row++) {
    const alpha = sde.alpha(t[row]);
    const precision = 1 / (2 * sde.sigma(t[row]) ** 2);
    const logs = points.map(
      ([a, b]) => -precision * ((x[2 * row] - alpha * a) ** 2 + (x[2 * row + 1] - alpha * b) ** 2),
    );
    const largest = Math.max(...logs);
    const weights = logs.map(log => Math.exp(log - largest));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    for (const axis of [0, 1]) {
      out[2 * row + axis] = points.reduce((sum, point, i) => sum + (weights[i] / total) * point[axis], 0);
    }
  }
}

const { samples, stats } = await sample({
  sde,
  score: callbackScore(denoise, { predicts: 'denoised', timeInput: 't' }),
  shape: [2],
  count: 1200,
  seed: 1,
});

// Every sample ends at one of the points; each point is hit about equally often.
const hits = new Array(points.length).fill(0);
let farthest = 0;
for (let index = 0; index < stats.status.length; index++) {
  const distances = points.map(([a, b]) => Math.hypot(samples[2 * index] - a, samples[2 * index + 1] - b));
  const nearest = Math.min(...distances);
  hits[distances.indexOf(nearest)]++;
  farthest = Math.max(farthest, nearest);
}
console.log(`hits of each of the ${points.length} points: ${hits.join(' ')}`);
console.log(`farthest sample from its point: ${farthest.toFixed(4)}`);
console.log(`${calls} calls of the function for ${stats.network.rows} rows`);
