/** Errors that point into the text of an equation. */
import { cut, optionName, type SdeError, sdeError } from '../errors.js';

/** A part of an equation's text, and the option that the text was given as ('itoSde.equations[0]'). */
export interface Place {
  readonly option: string;
  readonly text: string;
  /** Characters from … to − 1. */
  readonly from: number;
  readonly to: number;
}

/** Characters of a text that are shown around the place. */
const WINDOW = 100;

/** Longest name in a message. */
const LONGEST_NAME = 40;

/** A name as it stands in a message: short whatever it is. */
export const quoted = (name: string): string => `'${cut(name, LONGEST_NAME)}'`;

/** "itoSde.equations[0]: problem. hint", and below it the text with a mark under the place. */
export function equationFault(place: Place, problem: string, hint: string): SdeError {
  const option = optionName(place.option);
  const message = `${option}: ${problem}. ${hint}\n${pointed(place)}`;
  return sdeError('ERR_SDE_INVALID_EQUATION', message, { option, value: place.text, hint });
}

/** The same line for all that is one option but no text: a name, a number of states. */
export function optionFault(named: string, value: unknown, problem: string, hint: string): SdeError {
  const option = optionName(named);
  return sdeError('ERR_SDE_INVALID_EQUATION', `${option}: ${problem}. ${hint}`, { option, value, hint });
}

function pointed({ text, from, to }: Place): string {
  const start = text.length <= WINDOW ? 0 : Math.max(0, Math.min(from - WINDOW / 4, text.length - WINDOW));
  const end = Math.min(text.length, start + WINDOW);
  const [before, after] = [start > 0 ? '…' : '', end < text.length ? '…' : ''];
  const line = text.slice(start, end).replaceAll(/[\s\p{Cc}]/gu, ' ');
  const marks = Math.max(1, Math.min(to, end) - from);
  return `  ${before}${line}${after}\n  ${' '.repeat(before.length + from - start)}${'^'.repeat(marks)}`;
}
