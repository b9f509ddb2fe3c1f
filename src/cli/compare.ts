/** `fast-sde compare`: solvers on the same targets, as JSON, CSV and a page to look at. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { comparisonCsv } from '../analysis/compare/csv.js';
import { type Comparison, compare, type SdeError } from '../index.js';
import { type CompareFlags, compareOptions, TARGET_NAMES } from './compare-flags.js';
import { comparisonPage } from './compare-report/page.js';
import { comparisonTables } from './compare-tables.js';
import { type Bytes, writeSet } from './file-set.js';
import { Inputs } from './inputs.js';
import { interruptSignal } from './interrupt.js';
import { plainJson } from './output.js';
import { integer, READERS } from './parse.js';
import { compareProgressView } from './progress.js';
import { FAILED } from './report.js';
import { addModelOptions } from './sample-flags.js';
import { commandLine } from './settings.js';
import { checkedTarget, reasonOf } from './target.js';
import { UsageError } from './usage-error.js';

export function addCompareCommand(program: Command): void {
  const command = program
    .command('compare')
    .summary('compare solvers: quality against evaluations')
    .description(
      'Draws from the same targets by several solvers, from the same starting points, and measures what each costs and how ' +
        'good its samples are, with intervals. Finished parts are kept in --out: the same command goes on where it was stopped.',
    )
    .option('--targets <names>', `with commas between: ${TARGET_NAMES}`)
    .option(
      '--solvers <names>',
      'with commas between, each with its first option, and others by name: name:0.05:norm=max',
    );
  addModelOptions(command)
    .option('--reference <file>', '.npy [rows, …shape]: data that the samples of --model are held against')
    .option('--converged <solver>', "draws the network's own law, which tells its error from a solver's")
    .option('--images <file>', '.npy [count, …shape]: a target with the exact score of these images')
    .addOption(
      new Option('--images-std <number>', 'blur of --images, in units of the data')
        .argParser(READERS.number!)
        .default(0.05),
    )
    .option('--seeds <number>', 'how many (5)', integer)
    .option('--samples <number>', 'of each seed (1000)', integer)
    .option('--metrics <names>', 'with commas between (those that suit the target)')
    .addOption(
      new Option('--margin <number>', 'what does not matter, in standard deviations of the data (0.05)').argParser(
        READERS.number!,
      ),
    )
    .addOption(new Option('--batch <slots>', 'samples in flight').argParser(READERS.slots!))
    .addOption(new Option('--network-threads <number>', 'threads of LibTorch').argParser(integer))
    .option('--quick', 'few samples: some minutes on two cores')
    .requiredOption('--out <folder>', 'for comparison.json, comparison.csv, report.html, and cells of samples')
    .option('--json', 'the whole result as JSON on standard output')
    .option('--quiet', 'no progress and no tables')
    .addHelpText(
      'after',
      `
Examples:
  $ fast-sde compare --quick --out first
  $ fast-sde compare --targets ring,two-modes --seeds 5 --samples 1000 --out mixtures
  $ fast-sde compare --model digits.pt --predicts noise --time label --reference digits.npy --out digits
`,
    )
    .action(run);
}

async function run(flags: CompareFlags): Promise<void> {
  const options = await compareOptions(flags, new Inputs());
  const outputs = await outputsIn(flags.out);
  const interrupt = interruptSignal();
  const progress = flags.quiet ? undefined : compareProgressView(process.stderr);
  try {
    const { signal } = interrupt;
    const result = await compare({ ...options, signal, onProgress: progress?.update });
    progress?.stop();
    await write(result, outputs);
    if (flags.json) console.log(plainJson(result));
    else if (!flags.quiet) console.log(comparisonTables(result));
  } catch (error) {
    progress?.stop();
    if ((error as SdeError).code !== 'ERR_SDE_ABORTED') throw error;
    console.error(`interrupted: what is finished is kept in ${flags.out}; the same command goes on from there`);
    process.exitCode = interrupt.exitCode() ?? FAILED;
  } finally {
    interrupt.release();
  }
}

async function outputsIn(folder: string) {
  await mkdir(folder, { recursive: true }).catch(error => {
    throw new UsageError(`--out ${folder}: ${reasonOf(error)}`);
  });
  const target = (name: string) => checkedTarget('--out', join(folder, name));
  return {
    json: await target('comparison.json'),
    csv: await target('comparison.csv'),
    page: await target('report.html'),
  };
}

async function write(result: Comparison, outputs: Awaited<ReturnType<typeof outputsIn>>): Promise<void> {
  const text = (content: string) => (): Bytes => [Buffer.from(content)];
  const page = await comparisonPage(result, commandLine());
  const misplaced = await writeSet([
    { target: outputs.json, bytes: text(`${plainJson({ command: commandLine(), ...result }, 2)}\n`) },
    { target: outputs.csv, bytes: text(comparisonCsv(result)) },
    { target: outputs.page, bytes: text(page) },
  ]);
  for (const { name, reason, keptAs } of misplaced) {
    console.error(`error: ${name} cannot be written (${reason}); ${keptAs ? `it is in ${keptAs}` : 'it is lost'}`);
    process.exitCode = FAILED;
  }
}
