/** Arguments of flags as values. Each reader throws commander's InvalidArgumentError, which names the flag. */
import { InvalidArgumentError } from 'commander';
import type { CudaDevice, Device } from '../index.js';
import type { FlagType } from '../options/option.js';

/** Readers by what the option's row says that its flag takes. */
export const READERS: Record<FlagType, ((text: string) => unknown) | undefined> = {
  text: undefined,
  switch: undefined,
  number,
  integer,
  seed,
  shape,
  range,
  slots: text => (text === 'auto' ? text : integer(text)),
  device,
  names: text => text.split(','),
};

function number(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('Expected a number.');
  return value;
}

export function integer(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('Expected a whole number.');
  return Number(text);
}

export function seed(text: string): number | bigint {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('Expected a whole number from 0 to 2^64 - 1.');
  return Number.isSafeInteger(Number(text)) ? Number(text) : BigInt(text);
}

function shape(text: string): number[] {
  if (!/^\d+(,\d+)*$/.test(text)) throw new InvalidArgumentError('Expected numbers with commas, such as 1,28,28.');
  return text.split(',').map(Number);
}

function range(text: string): [number, number] {
  const ends = text.split(',').map(Number);
  if (ends.length !== 2 || !ends.every(Number.isFinite)) throw new InvalidArgumentError('Expected LOW,HIGH.');
  return [ends[0], ends[1]];
}

export function device(text: string): Device {
  if (!/^(auto|cpu|cuda(:\d+)?(,cuda(:\d+)?)*)$/.test(text)) {
    throw new InvalidArgumentError('Expected auto, cpu, cuda, cuda:1, or several such as cuda:0,cuda:1.');
  }
  return text.includes(',') ? (text.split(',') as CudaDevice[]) : (text as Device);
}
