/** The options that every loaded network has: what it is, since its file does not say, and which bytes it must have. */
import { invalidOption } from '../errors.js';
import { choice, type Option } from '../options/option.js';
import { PREDICTIONS, TIME_INPUTS } from '../words.js';

export const PREDICTS = choice({
  choices: PREDICTIONS,
  help: 'what the network predicts',
  flag: { flags: '--predicts <what>', takes: 'text', choices: PREDICTIONS },
});

export const TIME_INPUT = choice({
  choices: TIME_INPUTS,
  help: 'its second input: t, label = 999 t, sigma(t), edm = ln(sigma)/4',
  flag: { flags: '--time <input>', takes: 'text', choices: TIME_INPUTS },
});

export const SHA256: Option<string | undefined, unknown> = {
  check(name, given) {
    if (given === undefined) return undefined;
    if (typeof given === 'string' && /^[0-9a-f]{64}$/i.test(given)) return given;
    throw invalidOption(name, given, '64 hexadecimal digits');
  },
  default: 'none',
  help: 'refuse a model file with another hash',
  flag: { flags: '--sha256 <hash>', takes: 'text' },
};
