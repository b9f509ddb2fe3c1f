// Writes docs/path-solvers.md: every path solver with the orders it declares and those that are measured.
//
//   node scripts/path-solvers.mjs
//
// Strong orders on 1000 shared paths with 2^4 … 2^9 steps, weak ones by the scheme's own moments with 2^4 … 2^7.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isLinear, notLangevin } from '../dist/esm/equations/sde.js';
import { convergence, itoSde, problems } from '../dist/esm/index.js';
import { pathSolvers } from '../dist/esm/solver/paths/solver.js';

const root = join(import.meta.dirname, '..');

const all = Object.values(problems).map(make => make());
/** Linear ones first, whose weak errors can be had without chance; none that paths may leave. */
const ofClass = noise => {
  const fit = all.filter(({ sde }) => sde.noiseClass === noise && sde.domain.length === 0);
  return [...fit.filter(({ sde }) => isLinear(sde)), ...fit].find(
    ({ path, expectations }) => path || expectations.length > 0,
  );
};
const additive = [problems.ornsteinUhlenbeck(), problems.decayingNoise()];
const langevin = all.filter(({ sde }) => sde.noiseClass === 'additive' && notLangevin(sde) === undefined).slice(0, 1);
const PROBLEMS = {
  additive,
  ...Object.fromEntries(['diagonal', 'scalar', 'commutative'].map(noise => [noise, [ofClass(noise)]])),
  general: [problems.nonCommutativeLinear(), problems.levyArea()],
};

/** Without noise: the harmonic oscillator. */
const oscillator = {
  name: 'oscillator',
  sde: itoSde({ state: ['x', 'v'], equations: ['dx = v*dt', 'dv = -x*dt + 0*dW1'] }),
  t0: 0,
  t1: 2,
  x0: [1, 0],
  path: t => [Math.cos(t), -Math.sin(t)],
  expectations: [],
  stationary: [],
};

const number = value => (value === undefined ? '' : String(value === 0.5 ? '1/2' : value === 1.5 ? '3/2' : value));
const rows = [];
for (const facts of pathSolvers()) {
  const cells = [];
  for (const [noise, plain] of Object.entries(PROBLEMS)) {
    const list = facts.form === 'langevin' ? langevin : plain;
    const declared = facts.orders[noise];
    if (!declared) {
      cells.push('');
      continue;
    }
    const measured = await Promise.all(
      list.map(problem => convergence(problem, [facts.kind], { seed: 1 }).catch(() => undefined)),
    );
    const isExact = one => one.errors.every(error => error < 1e-12);
    const shown = (kind, one) =>
      one && isExact(one)
        ? 'exact'
        : one && `${one.order.toFixed(2)}${kind === 'strong' ? ` ± ${one.halfWidth.toFixed(2)}` : ''}`;
    const found = kind => measured.flatMap(result => shown(kind, result?.solvers[0][kind]) ?? []).join(', ');
    const strong =
      declared.strong === undefined ? '' : `strong ${number(declared.strong)} (${found('strong') || 'not measured'})`;
    const weak = `weak ${number(declared.weak)}${found('weak') ? ` (${found('weak')})` : ''}`;
    cells.push([strong, weak].filter(Boolean).join('; '));
  }
  const ode = await convergence(oscillator, [facts.kind], { paths: 100, steps: [8, 16, 32, 64] });
  cells.push(`${facts.orderWithoutNoise} (${ode.solvers[0].strong?.order.toFixed(2) ?? 'not measured'})`);
  const drifts = typeof facts.drifts === 'function' ? 'its stages' : facts.drifts;
  rows.push([
    `\`${facts.kind}\``,
    { ito: 'Itô', stratonovich: 'Stratonovich', either: 'either' }[facts.calculus],
    ...cells,
    `${drifts}, ${facts.diffusions}`,
    facts.errorOrder === undefined ? 'no' : 'yes',
    facts.source,
  ]);
}

const head = ['solver', 'calculus', ...Object.keys(PROBLEMS), 'no noise', 'f, g a step', 'adaptive', 'source'];
const used = Object.entries(PROBLEMS).map(
  ([noise, list]) => `${noise}: ${list.map(({ name }) => name).join(', ') || 'none'}`,
);
writeFileSync(
  join(root, 'docs', 'path-solvers.md'),
  `# Solvers of paths

Orders as each solver declares them and, in parentheses, as \`node scripts/path-solvers.mjs\` measured them: strong orders on 1000 shared
Brownian paths with 16 to 512 steps, with a 95 % interval; weak orders by the scheme's own moments where the problem is linear, without chance.
A solver is refused for the noise that has no entry. Problems: ${used.join('; ')}; of Langevin solvers ${langevin.map(({ name }) => name).join()}; without noise the harmonic oscillator.

| ${head.join(' | ')} |
|${head.map(() => '---').join('|')}|
${rows.map(row => `| ${row.join(' | ')} |`).join('\n')}
`,
);
