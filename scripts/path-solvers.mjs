// Writes docs/path-solvers.md: every path solver with the orders it declares and those that are measured.
//
//   node scripts/path-solvers.mjs
//
// Strong orders on 1000 shared paths with 2^4 … 2^9 steps, weak ones by the scheme's own moments with 2^4 … 2^7.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { convergence, problems } from '../dist/esm/index.js';
import { pathSolvers } from '../dist/esm/solver/paths/solver.js';

const root = join(import.meta.dirname, '..');

/** A problem of each class of noise; of those with time in their coefficients where there is one. */
const PROBLEMS = {
  additive: [problems.ornsteinUhlenbeck(), problems.decayingNoise()],
  diagonal: [problems.geometricBrownianMotion()],
  scalar: [],
  commutative: [],
  general: [],
};
for (const make of Object.values(problems)) {
  const problem = make();
  const { noiseClass } = problem.sde;
  if (PROBLEMS[noiseClass].length < 1 && (problem.path || problem.expectations.length > 0))
    PROBLEMS[noiseClass].push(problem);
}

const number = value => (value === undefined ? '' : String(value === 0.5 ? '1/2' : value === 1.5 ? '3/2' : value));
const rows = [];
for (const facts of pathSolvers()) {
  const cells = [];
  for (const [noise, list] of Object.entries(PROBLEMS)) {
    const declared = facts.orders[noise];
    if (!declared) {
      cells.push('');
      continue;
    }
    const measured = await Promise.all(
      list.map(problem => convergence(problem, [facts.kind], { seed: 1 }).catch(() => undefined)),
    );
    const shown = (kind, one) =>
      one && `${one.order.toFixed(2)}${kind === 'strong' ? ` ± ${one.halfWidth.toFixed(2)}` : ''}`;
    const found = kind => measured.flatMap(result => shown(kind, result?.solvers[0][kind]) ?? []).join(', ');
    const strong =
      declared.strong === undefined ? '' : `strong ${number(declared.strong)} (${found('strong') || 'not measured'})`;
    const weak = `weak ${number(declared.weak)}${found('weak') ? ` (${found('weak')})` : ''}`;
    cells.push([strong, weak].filter(Boolean).join('; '));
  }
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

const head = ['solver', 'calculus', ...Object.keys(PROBLEMS), 'f, g a step', 'adaptive', 'source'];
const used = Object.entries(PROBLEMS).map(
  ([noise, list]) => `${noise}: ${list.map(({ name }) => name).join(', ') || 'none'}`,
);
writeFileSync(
  join(root, 'docs', 'path-solvers.md'),
  `# Solvers of paths

Orders as each solver declares them and, in parentheses, as \`node scripts/path-solvers.mjs\` measured them: strong orders on 1000 shared
Brownian paths with 16 to 512 steps, with a 95 % interval; weak orders by the scheme's own moments where the problem is linear, without chance.
A solver is refused for the noise that has no entry. Problems: ${used.join('; ')}.

| ${head.join(' | ')} |
|${head.map(() => '---').join('|')}|
${rows.map(row => `| ${row.join(' | ')} |`).join('\n')}
`,
);
