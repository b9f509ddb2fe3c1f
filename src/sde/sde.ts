/** An SDE of any kind: the list as values and as a type, its check, and its form for the addon. */
import { invalidOption } from '../errors.js';
import type { NativeSchedule } from '../native.js';
import type { AnySdeMaker, DataOf, ProcessData, ScheduleFunctions, SdeMaker } from './facts.js';
import * as listed from './list.js';

type Made<Maker> = Maker extends SdeMaker<infer _Options, infer Made> ? Made : never;

export type Sde = Made<(typeof listed)[keyof typeof listed]>;

type EachData<Sde> = Sde extends ProcessData ? DataOf<Sde> : never;

/** An SDE as `sample` takes it: also one that came through postMessage, which leaves the functions behind. */
export type SdeData = EachData<Sde>;

export const SDES = Object.values(listed) as unknown as readonly AnySdeMaker[];

/** With what is asked of it before and after a job. */
export type CheckedSde = ProcessData & Pick<ScheduleFunctions, 'alpha' | 'sigma'> & { schedule: NativeSchedule };

/**
 * Makes the SDE anew from its data and checks every number again, since the object may come from another thread;
 * `schedule` is its form for the addon.
 */
export function checkedSde(sde: unknown): CheckedSde {
  const { kind } = (sde ?? {}) as { kind?: unknown };
  const make = SDES.find(({ definition }) => definition.kind === kind);
  if (make === undefined) {
    const makers = SDES.map(({ definition }) => `${definition.kind}()`).join(', ');
    throw invalidOption('sde', sde, 'an SDE', { hint: `Make one with ${makers}.` });
  }
  const checked = make.definition.again(sde as object);
  const { alpha, sigma } = checked;
  return { ...checked, alpha, sigma, schedule: make.definition.schedule(checked) };
}
