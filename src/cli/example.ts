/** `fast-sde example digits`: a first result with a trained network, which comes with the package. */
import { join } from 'node:path';
import { Argument, type Command } from 'commander';
import { root } from '#binding';
import { SdeError, sdeError } from '../errors.js';
import { openTorch } from '../score/load-module.js';
import { onnxRuntimeVersion } from '../score/onnx-thread.js';

interface Example {
  /** The same network in each format, without its ending. */
  model: string;
  flags: string[];
}

const EXAMPLES: Record<string, Example> = {
  digits: {
    model: join(root, 'examples', 'digits', 'digits'),
    flags: [
      ...['--predicts', 'noise', '--time', 'label', '--sde', 'vp', '--shape', '1,28,28', '--count', '64'],
      ...['--seed', '1', '--rtol', '0.05', '--out', 'digits.png'],
    ],
  },
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
      const example = EXAMPLES[name];
      const command = ['sample', '--model', example.model + ending(), ...example.flags, ...flags];
      console.error(`fast-sde ${command.join(' ')}`);
      await program.parseAsync(command, { from: 'user' });
    });
}

/** Of the format that can be run here: TorchScript, or ONNX where LibTorch is not there and onnxruntime-node is. */
function ending(): '.pt' | '.onnx' {
  try {
    openTorch();
    return '.pt';
  } catch (error) {
    if (!unavailable(error, 'ERR_SDE_TORCH_UNAVAILABLE')) throw error;
    return onnxEnding(error);
  }
}

function onnxEnding(withoutTorch: SdeError): '.onnx' {
  try {
    onnxRuntimeVersion();
    return '.onnx';
  } catch (error) {
    if (!unavailable(error, 'ERR_SDE_ONNX_UNAVAILABLE')) throw error;
    const hint =
      'The network needs a runtime, either of two. `npm install onnxruntime-node` beside fast-sde, then this again. Or ' +
      'PyTorch: `pip install torch`, then `npx fast-sde build --torch`, then this again.';
    const { code, message } = withoutTorch;
    throw sdeError(code, `${message} ${error.message}`, { hint, cause: withoutTorch });
  }
}

function unavailable(error: unknown, code: SdeError['code']): error is SdeError {
  return error instanceof SdeError && error.code === code;
}
