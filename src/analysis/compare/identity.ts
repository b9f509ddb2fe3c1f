/** What a cell depends on, and a name for all of it. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { addonFile, root } from '#binding';
import { invalidOption } from '../../errors.js';
import { openTorch } from '../../score/load-module.js';
import { onnxRuntimeVersion } from '../../score/onnx-thread.js';
import type { CompareTarget } from './target.js';

export interface Versions {
  'fast-sde': string;
  /** SHA-256 of the addon: another build may round differently, or be wrong in another way. */
  addon: string;
  libtorch?: string;
  onnxruntime?: string;
}

export function versionsOf(targets: readonly CompareTarget[]): Versions {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const has = (kind: string) => targets.some(({ score }) => score.kind === kind);
  const addon = createHash('sha256').update(readFileSync(addonFile())).digest('hex');
  return {
    'fast-sde': version,
    addon,
    ...(has('torch') && { libtorch: openTorch().version }),
    ...(has('onnx') && { onnxruntime: onnxRuntimeVersion() }),
  };
}

/**
 * The numbers and words of the process and the score; of a network its hash among them, and not where it lies; of a function,
 * which has none, the target's name and version. Throws ERR_SDE_INVALID_OPTION where a function has no version.
 */
export function identityOf({ name, sde, score, shape, version }: CompareTarget): object {
  const facts = Object.entries(score).filter(([key]) => key !== 'path');
  const hasFunction = facts.some(([, value]) => typeof value === 'function');
  if (hasFunction && version === undefined) {
    throw invalidOption(
      `compare.targets: ${name}.version`,
      version,
      'a word that stands for the function of its score',
      {
        hint: 'Samples are kept under it: give another when the function changes.',
      },
    );
  }
  const data = facts.filter(([, value]) => typeof value !== 'function');
  return {
    sde: { ...sde },
    score: Object.fromEntries(data),
    shape: [...shape],
    ...(hasFunction && { name }),
    ...(version !== undefined && { version }),
  };
}

/** 32 hexadecimal digits that no other value has. */
export function keyOf(value: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(canonical(value)))
    .digest('hex')
    .slice(0, 32);
}

/** Keys in order; arrays of numbers by their hash, of which megabytes would be text otherwise. */
export function canonical(value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(canonical);
  if (ArrayBuffer.isView(value)) {
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    return `${value.constructor.name} ${createHash('sha256').update(bytes).digest('hex')}`;
  }
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, one]) => [key, canonical(one)]));
}
