// Digits at rtol 0.05: `sample` against an own PyTorch program that does what the paper's code does, in one run.
//
//   node bench/digits.mjs [--model examples/digits/digits.pt] [--count 256] [--repeats 3]
//
// Programs take turns, so that a busy minute of the machine hits all of them; each one's median run is reported.
// Loading and warming up is in nobody's time; bench/quality.mjs says how good each one's digits are. Needs `npm run setup` (the build, LibTorch and a Python with torch).

import { parseArgs } from 'node:util';
import { digitPrograms, tolerances } from './digit-programs.mjs';
import { keep, medianRun } from './report.mjs';

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'examples/digits/digits.pt' },
    count: { type: 'string', default: '256' },
    repeats: { type: 'string', default: '3' },
  },
});
const [count, repeats] = [Number(values.count), Number(values.repeats)];
const programs = await digitPrograms({ model: values.model, count });
const runs = programs.map(() => []);
for (let repeat = 1; repeat <= repeats; ++repeat) {
  for (const [i, [name, program]] of programs.entries()) {
    runs[i].push((await program(repeat)).figures);
    console.error(`${repeat}/${repeats} ${name}: ${runs[i].at(-1).seconds.toFixed(1)} s`);
  }
}

const results = programs.map(([name], i) => ({ name, ...medianRun(runs[i]) }));
const [base] = results;
const percent = share => (share === undefined ? '' : `${(100 * share).toFixed(1)} %`);
keep('digits', {
  title: `${count} digits at rtol ${tolerances.rtol}`,
  head: ['', 'seconds', 'faster', 'ms a row', 'calls', 'rows', 'mean eval.', 'max', 'rejected', 'outside network'],
  rows: results.map(one => [
    one.name,
    one.seconds.toFixed(1),
    `${(base.seconds / one.seconds).toFixed(2)}x`,
    ((1000 * one.network_seconds) / one.rows).toFixed(3),
    one.calls,
    one.rows,
    one.mean_evaluations.toFixed(1),
    one.max_evaluations,
    percent(one.rejected_share),
    percent(one.solver_share ?? 1 - one.network_seconds / one.seconds),
  ]),
  notes: [
    `Median run of ${repeats} (the faster of two), taken in turns. "ms a row" is the network alone. Rows two and three show what the form of ` +
      'the network gives by itself; the rest is the solver: no finished sample evaluated, no first stage twice.',
  ],
  data: { torch: base.torch, count, repeats, ...tolerances, results },
});
