/** `fast-sde inspect`: whether --predicts and --time are what a network was trained with. */
import type { Command } from 'commander';
import { type Inspection, inspect, type OnnxScore, type Reading, type TorchScore } from '../index.js';
import { Inputs } from './inputs.js';
import { addInspectOptions, type SampleFlags, scoreOf, sdeOf, withSchedule } from './sample-flags.js';

export function addInspectCommand(program: Command): void {
  addInspectOptions(program.command('inspect'))
    .summary('tell whether --predicts and --time fit a network')
    .description(
      'Asks a network for its answers to noise, and tells whether --predicts and --time are what it was trained with. ' +
        'Exit code 0: they fit, 1: they do not.',
    )
    .option('--json', 'the whole result as JSON')
    .action(async (given: SampleFlags) => {
      const inputs = new Inputs();
      const flags = await withSchedule(given, inputs);
      const sde = sdeOf(flags);
      const { score, shape } = await scoreOf(flags, inputs);
      const result = await inspect(score as TorchScore | OnnxScore, { sde, shape });
      console.log(flags.json ? JSON.stringify(result) : page(result));
      process.exitCode = result.fits ? 0 : 1;
    });
}

/** A line a reading: slope and correlation at T, slopes later, what of a small change follows at the end. */
function page({ readings, declared, verdict }: Inspection): string {
  const head = ['', 'predicts', 'time', 'slope', 'corr.', 'at 4', 'at 2', 'at 1', 'follows', ''];
  const lines = [head, ...readings.map(one => row(one, one === declared))];
  const widths = head.map((_, column) => Math.max(...lines.map(cells => cells[column].length)));
  const table = lines.map(cells =>
    cells
      .map((cell, column) => cell.padEnd(widths[column]))
      .join('  ')
      .trimEnd(),
  );
  return `${table.join('\n')}\n\n${verdict}`;
}

function row({ predicts, timeInput, slope, correlation, slopes, follows, fits }: Reading, declared: boolean): string[] {
  const numbers = [slope, correlation, ...slopes, follows].map(value => (Number.isNaN(value) ? '-' : value.toFixed(3)));
  return [declared ? '*' : '', predicts, timeInput, ...numbers, fits ? 'fits' : ''];
}
