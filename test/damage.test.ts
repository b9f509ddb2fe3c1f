/** Damaged model files: each is refused by name, or the damage is where nothing is read and changes no sample. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eulerMaruyama, sample, type TorchOptions, torchScore, vp } from '../src/index.js';
import { packed, type Records, unpacked } from './support/archive.js';
import { flipped, shortened } from './support/damage.js';
import { pythonWithTorch, testModels } from './support/models.js';
import { random } from './support/random.js';

const conventions: TorchOptions = { predicts: 'noise', timeInput: 'label' };
const job = { sde: vp(), shape: [1, 8, 8], count: 2, seed: 1, solver: eulerMaruyama({ steps: 4 }) } as const;
const folder = mkdtempSync(join(tmpdir(), 'fast-sde-damage-'));
const path = join(folder, 'damaged.pt');
afterAll(() => rmSync(folder, { recursive: true }));

let sound: Buffer;
let expected: Float32Array;
beforeAll(async () => {
  const file = (await testModels())('network');
  sound = readFileSync(file);
  expected = await draw(file);
});

async function draw(file: string): Promise<Float32Array> {
  return (await sample({ ...job, score: await torchScore(file, conventions) })).samples;
}

/** The message it is refused with; none where it loads. */
async function refusal(file: Buffer): Promise<string | undefined> {
  writeFileSync(path, file);
  try {
    await torchScore(path, conventions);
    return undefined;
  } catch (error) {
    expect(error).toMatchObject({ name: 'SdeError', code: 'ERR_SDE_MODEL_INVALID', option: 'torchScore.path' });
    return (error as Error).message;
  }
}

const record = (records: Records, end: string) => records.find(([name]) => name.endsWith(end))!;

describe('a model file', () => {
  test('of which one bit is flipped is refused, or draws the same samples', async () => {
    const draws = random(8);
    let harmless = 0;
    for (let i = 0; i < 50; ++i) {
      const message = await refusal(flipped(sound, draws));
      if (message !== undefined) {
        expect(message).toMatch(/is damaged: .*(record|archive|header|entry)|is not a TorchScript file/);
      } else {
        ++harmless;
        expect(await draw(path)).toEqual(expected);
      }
    }
    expect(harmless).toBeLessThan(10);
  });

  test('with a record shorter than its tensor is refused, and both are named', async () => {
    const draws = random(9);
    for (let i = 0; i < 10; ++i) {
      expect(await refusal(shortened(sound, draws))).toMatch(
        /is damaged: in record network\/data\.pkl, it wants \d+ numbers of 4 bytes from storage \d+, which has \d+ bytes/,
      );
    }
  });

  test('whose tensor reaches beyond its storage is refused', async () => {
    const records = unpacked(sound);
    const pickle = record(records, '/data.pkl');
    // The shape of a tensor of 32 numbers becomes that of 33: BININT1 and TUPLE, between MARKs.
    pickle[1] = Buffer.from(pickle[1].toString('latin1').replace('(K\x20t', '(K\x21t'), 'latin1');
    expect(await refusal(packed(records))).toMatch(/a tensor reaches beyond its storage \d+/);
  });

  const deep = 100_000;
  test.each([
    ['brackets', `  return ${'('.repeat(deep)}x${')'.repeat(deep)}\n`],
    ['a sum', `  return x${' + x'.repeat(deep)}\n`],
    ['calls', `  return ${'torch.neg('.repeat(deep)}x${')'.repeat(deep)}\n`],
    ['blocks', [...Array(5000).keys()].map(i => `${' '.repeat(i + 2)}if True:\n`).join('')],
  ])('with code nested as deep as %s can be is refused', async (_, body) => {
    const records = unpacked(sound);
    const code = record(records, '/code/__torch__.py');
    code[1] = Buffer.from(`def deep(x: Tensor) -> Tensor:\n${body}${code[1]}`);
    expect(await refusal(packed(records))).toMatch(/code\/__torch__\.py is code nested more than 1000 deep/);
  });

  test('with a pickle nested a hundred thousand deep is refused', async () => {
    const records = unpacked(sound);
    record(records, '/data.pkl')[1] = Buffer.from(`\x80\x02N${'\x85'.repeat(deep)}.`, 'latin1');
    expect(await refusal(packed(records))).toMatch(/nested more than 1000 deep/);
  });

  test.each([
    ['functions', (i: number) => `def f${i}(x: Tensor) -> Tensor:\n  return __torch__.f${i + 1}(x, )\n`],
    ['classes', (i: number) => `class C${i}(Module):\n  next : Optional[__torch__.C${i + 1}]\n`],
  ])('with %s in one another by thousands is refused', async (_, definition) => {
    const records = unpacked(sound);
    const code = record(records, '/code/__torch__.py');
    code[1] = Buffer.from(Array.from({ length: 5000 }, (_, i) => definition(i)).join('') + code[1]);
    expect(await refusal(packed(records))).toMatch(/more than 500 of its classes and functions are within one another/);
  });

  test('is taken as PyTorch writes it: by script or trace, frozen, with further files, into a buffer, in float16', () => {
    const program = `
import io, sys, torch
torch.manual_seed(0)
class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = torch.nn.Conv2d(1, 4, 3, padding=1), torch.nn.Conv2d(4, 1, 3, padding=1)
        self.second.bias = torch.nn.Parameter(self.first.weight.detach().flatten()[3:4])  # a view into another's storage
        self.register_buffer('table', torch.arange(12.).reshape(3, 4).t())
        self.register_buffer('none', torch.zeros(0, 3))
        self.register_buffer('wide', torch.ones(1).expand(5, 7))
        self.words = {'a': [1, 2], 'b': [3]}
    def forward(self, x: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        return self.second(self.first(x)) + self.table[0, 1] * 0
net = Net().eval()
example = torch.randn(2, 1, 8, 8), torch.rand(2)
script, trace = torch.jit.script(net), torch.jit.trace(net, example)
script.save(sys.argv[1] + '/script.pt')
trace.save(sys.argv[1] + '/trace.pt')
torch.jit.freeze(script).save(sys.argv[1] + '/frozen.pt')
torch.jit.save(script, sys.argv[1] + '/extra.pt', _extra_files={'notes.txt': 'x' * 1000, 'deep/er': b'\\x00\\xff'})
buffer = io.BytesIO(); torch.jit.save(trace, buffer); open(sys.argv[1] + '/buffer.pt', 'wb').write(buffer.getvalue())
torch.jit.script(net.half()).save(sys.argv[1] + '/half.pt')
`;
    const script = join(folder, 'make.py'); // TorchScript wants to read its source
    writeFileSync(script, program);
    const made = spawnSync(pythonWithTorch(), ['-W', 'ignore', script, folder], { encoding: 'utf8' });
    expect(made.stderr).toBe('');
    return Promise.all(
      ['script', 'trace', 'frozen', 'extra', 'buffer', 'half'].map(name =>
        torchScore(join(folder, `${name}.pt`), conventions),
      ),
    );
  });
});
