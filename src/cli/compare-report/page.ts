/** The report of a comparison: one HTML file that needs no network. */
import type { Board, Comparison, TargetComparison } from '../../index.js';
import { grouped } from '../table.js';
import { budgetTable } from './budget-table.js';
import { type Drawer, drawer } from './drawing.js';
import { familiesOf } from './families.js';
import { html, Markup } from './html.js';
import { SCRIPT, STYLE } from './page-parts.js';
import { densityPlot, picturesOf } from './pictures.js';
import { stepPlots } from './step-plots.js';
import { qualityTable, verdictTables } from './tables.js';
import { workPrecisionPlots } from './work-precision.js';

/** `command`: what made it. */
export async function comparisonPage(result: Comparison, command: string): Promise<string> {
  const families = familiesOf(result);
  const look = { families, draw: await drawer(families) };
  const sections: Markup[] = [];
  for (const target of result.targets) sections.push(await section(target, look));
  const { versions, seeds, samples, targets } = result;
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Solvers compared</title><link rel="icon" href="data:,"><style>${new Markup(STYLE)}</style></head><body>
<h1>Solvers compared</h1>
<p>${targets.map(({ target }) => html`<a href="#${target}">${target}</a> `)}· ${seeds.length} seeds (${seeds.join(', ')}) of ${grouped(samples)} samples each.
The same seed gives every solver the same starting points.</p>
<pre>${command}</pre>
<p><small>${Object.entries(versions)
    .map(([name, version]) => `${name} ${version.slice(0, 16)}`)
    .join(' · ')}</small></p>
<details><summary>How to read this</summary><ul>
<li>Smaller is better, and 0 is perfect; of <code>bandVariance</code> 1 is. Intervals hold the truth in 95 of 100 cases: they are of a bootstrap
over samples within seeds, the reference's own chance included.</li>
<li>Perfect samples are as many samples of the truth itself: the grey band in plots. No solver can be seen to be better.</li>
<li>A verdict is of the difference of two solvers on the same starting points. <em>equivalent</em>: less lies between them than matters, with
evidence for it; <em>undecided</em>: these samples are too few to tell.</li>
<li>Vertical axes are linear within what does not matter and logarithmic beyond.</li></ul></details>
${sections}
<script>${new Markup(SCRIPT)}</script></body></html>
`;
  return page.text;
}

interface Look {
  families: readonly string[];
  draw: Drawer;
}

async function section(target: TargetComparison, look: Look): Promise<Markup> {
  const { target: name, shape, boards } = target;
  const density = await densityPlot(target, look);
  const steps = await stepPlots(target, look.draw);
  const shown: Markup[] = [];
  for (const board of boards) shown.push(await boardPart(target, board, look));
  const pictures = picturesOf(target).map(
    ({ of, url }) => html`<figure><img src="${url}" alt="samples of ${of}"><figcaption>${of}</figcaption></figure>`,
  );
  return html`<section id="${name}"><h2>${name}</h2><p>Shape of one sample: ${shape.join(' × ')}.</p>
${shown}
${pictures.length > 0 ? html`<h3>The first samples of the first seed</h3><div class="pictures">${pictures}</div>` : undefined}
${density && html`<h3>Densities</h3><p>Grey: the data.</p>${plots([density])}`}
${steps.length > 0 ? html`<h3>Steps of one sample</h3>${plots(steps)}` : undefined}</section>`;
}

async function boardPart(target: TargetComparison, board: Board, look: Look): Promise<Markup> {
  const title =
    board.against === 'data'
      ? html`<h3>Against the data</h3><p>${target.exact ? 'The score is exact: all error is the solver’s.' : 'All error: the network’s and the solver’s. The row “converged” has the network’s.'}</p>`
      : html`<h3>Against the network’s own law</h3><p>The solver’s error alone: the reference is of the same network, by a solver with fine steps.</p>`;
  return html`${title}${qualityTable(target, board)}${plots(await workPrecisionPlots(target, board, look))}${budgetTable(target, board)}${verdictTables(board)}`;
}

function plots(svgs: readonly string[]): Markup {
  return html`<div class="plots">${svgs.map(svg => new Markup(svg))}</div>`;
}
