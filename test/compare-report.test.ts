/** The page that shows a comparison: whole without a network, and without an error in a real browser, where there is one. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { budgetTable } from '../src/cli/compare-report/budget-table.js';
import { html } from '../src/cli/compare-report/html.js';
import { comparisonPage } from '../src/cli/compare-report/page.js';
import {
  type Comparison,
  compare,
  compareTargets,
  mixtureScore,
  mixtureTarget,
  modelTarget,
  vp,
} from '../src/index.js';

const folder = mkdtempSync(join(tmpdir(), 'fast-sde-report-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const browser = ['chromium', 'chromium-browser', 'google-chrome'].find(
  name => spawnSync(name, ['--version'], { timeout: 20_000 }).status === 0,
);

const solvers = ['eulerMaruyama:20', 'adaptive:0.1', 'eulerMaruyama:5'];
const command = 'fast-sde compare --out "a<b>&c"';
let result: Comparison;
let page: string;

beforeAll(async () => {
  const images = mixtureTarget({
    ...{ name: 'images', weights: [1, 1], variances: [0.01, 0.01], shape: [1, 4, 4] },
    means: [new Float32Array(16).fill(-0.5), new Float32Array(16).fill(0.5)],
  });
  // A score that errs, as networks do.
  const wrong = modelTarget({
    ...{
      name: 'model',
      sde: vp(),
      score: mixtureScore({ weights: [1], means: [[0.3]], variances: [0.25] }),
      shape: [1],
    },
    reference: compareTargets.gaussian().draw(400, 0),
  });
  const targets = ['ring', images, wrong];
  result = await compare({
    targets,
    solvers,
    metrics: ['energyDistance'],
    seeds: 2,
    samples: 60,
    resamples: 20,
    folder,
  });
  page = await comparisonPage(result, command);
});

const WHY = browser ? '' : ' (skipped: there is no Chromium here)';

/** What a browser says of the page on its console after `script`, and the order of the first table's rows. */
function opened(script: string) {
  const file = join(folder, 'report.html');
  writeFileSync(file, page.replace('</body>', `<script>${script}</script></body>`));
  const usual = ['--headless=new', '--no-sandbox', '--disable-gpu', `--user-data-dir=${join(folder, 'browser')}`];
  const args = [...usual, '--enable-logging=stderr', '--dump-dom', `file://${file}`];
  const { stdout, stderr, status } = spawnSync(browser!, args, {
    encoding: 'utf8',
    timeout: 60_000,
    maxBuffer: 2 ** 28,
  });
  const table = stdout.slice(stdout.indexOf('<tbody>'), stdout.indexOf('</tbody>'));
  const order = [...table.matchAll(/scope="row" data-value="([^"]+)"/g)].map(([, solver]) => solver);
  return { status, console: stderr.split('\n').filter(line => line.includes('CONSOLE')), order };
}

describe('the report', () => {
  it('needs nothing from elsewhere', () => {
    // Names of vocabularies are no addresses to be asked.
    const addresses = [...page.matchAll(/(?:src|href|url)\s*[=(]\s*["']?([^"'\s)>]+)/g)].map(([, address]) => address);
    expect(addresses.filter(address => !/^(#|data:)/.test(address))).toEqual([]);
    expect(page).not.toMatch(/<script[^>]+src|@import/);
  });

  it('has every solver, the verdicts, pictures of images and of points in the plane, and the command as it was typed', () => {
    for (const solver of solvers) expect(page.split(`data-value="${solver}"`).length - 1).toBe(4);
    expect(page).toContain(html`<pre>${command}</pre>`.text);
    expect(page).not.toContain('a<b>');
    // Data and solvers, of two targets; the solver with fine steps has none of these.
    expect(page.split('data:image/png;base64,').length - 1).toBe(2 * (1 + solvers.length));
    expect(page).toContain('<span class="verdict worse">worse</span>');
    expect(page).toContain('Against the network’s own law');
    // Metrics of four boards, over evaluations and seconds; steps and errors of three targets; a density.
    const metrics = result.targets.flatMap(({ boards }) => boards.flatMap(board => Object.keys(board.perfect)));
    expect(page.split('<svg').length - 1).toBe(2 * metrics.length + 2 * 3 + 1);
  });

  it('says what is nearest at each budget, of the solvers that cost no more', () => {
    const board = result.targets[0].boards[0];
    const table = budgetTable(result.targets[0], board)!.text;
    const rows = [...table.matchAll(/<th scope="row">(\d+)<\/th><td>([^<]*)/g)].map(([, budget, best]) => [
      budget,
      best.trim(),
    ]);
    // Five steps are the only ones for 10 evaluations; twenty are nearer.
    const value = (solver: string) => board.quality[solver].energyDistance.value;
    const nearest = value('adaptive:0.1') < value('eulerMaruyama:20') ? 'adaptive:0.1' : 'eulerMaruyama:20';
    expect(rows.slice(0, 2)).toEqual([
      ['10', 'eulerMaruyama:5'],
      ['20', 'eulerMaruyama:20'],
    ]);
    expect(rows.at(-1)![1]).toBe(nearest);
  });

  it.skipIf(!browser)(`opens without an error in a browser${WHY}`, () => {
    const { status, console, order } = opened('');
    expect([status, console, order]).toEqual([0, [], solvers]);
  });

  it.skipIf(!browser)(`sorts a table by the column that is pressed, down when pressed again${WHY}`, () => {
    const work = (solver: string) => result.targets[0].costs.find(one => one.solver === solver)!.evaluations.mean;
    const descending = [...solvers].sort((a, b) => work(b) - work(a));
    const press = `document.querySelectorAll('#ring th button')[1].click();`;
    // An error is seen where there is one.
    const { console, order } = opened(`${press} ${press} no.such();`);
    expect(order).toEqual(descending);
    expect(descending).not.toEqual(solvers);
    expect(console).toEqual([expect.stringContaining('no is not defined')]);
  });
});
