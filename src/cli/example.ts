/** `fast-sde example digits`: a first result with a trained network, which comes with the package. */
import { join } from 'node:path';
import { Argument, type Command } from 'commander';
import { root } from '#binding';
import { type SdeError, sdeError } from '../errors.js';
import { openTorch } from '../score/torch.js';

const EXAMPLES: Record<string, string[]> = {
  digits: [
    ...['--model', join(root, 'examples', 'digits', 'digits.pt'), '--predicts', 'noise', '--time', 'label'],
    ...['--sde', 'vp', '--shape', '1,28,28', '--count', '64', '--seed', '1', '--rtol', '0.05', '--out', 'digits.png'],
  ],
};

export function addExampleCommand(program: Command): void {
  program
    .command('example')
    .summary('draw handwritten digits with the network that comes with this package')
    .description(
      'Draws 64 handwritten digits into digits.png, with the network that comes with this package, and shows the ' +
        'command that does it. Flags of `fast-sde sample` may follow.',
    )
    .addArgument(new Argument('<name>', 'which').choices(Object.keys(EXAMPLES)))
    .argument('[flags...]', 'of `fast-sde sample`, in place of those shown')
    .allowUnknownOption()
    .addHelpText(
      'after',
      '\nExamples:\n  $ fast-sde example digits\n  $ fast-sde example digits --count 16 --out 16.png\n',
    )
    .action(async (name: string, flags: string[]) => {
      requireTorch();
      const command = ['sample', ...EXAMPLES[name], ...flags];
      console.error(`fast-sde ${command.join(' ')}`);
      await program.parseAsync(command, { from: 'user' });
    });
}

function requireTorch(): void {
  try {
    openTorch();
  } catch (error) {
    const { code, message } = error as SdeError;
    if (code !== 'ERR_SDE_TORCH_UNAVAILABLE') throw error;
    const hint = 'The network needs PyTorch: `pip install torch`, then `npx fast-sde build --torch`, then this again.';
    throw sdeError(code, message, { hint, cause: error });
  }
}
