/** The SDEs there are, and their form for the addon. A new one adds a file beside this one and a line in each list here. */
import { invalidOption } from '../errors.js';
import type { NativeSchedule } from '../native.js';
import { type AffineSde, affineFromTable } from './affine.js';
import { type SubVpSde, subVp } from './sub-vp.js';
import { type VeSde, ve } from './ve.js';
import { type VpSde, vp } from './vp.js';

export type Sde = VpSde | VeSde | SubVpSde | AffineSde;

/** An SDE as `sample` takes it: also one that came through postMessage, which leaves the functions behind. */
export type SdeData =
  | Omit<VpSde, FunctionNames>
  | Omit<VeSde, FunctionNames>
  | Omit<SubVpSde, FunctionNames>
  | Omit<AffineSde, FunctionNames>;

type FunctionNames = 'alpha' | 'sigma' | 'f' | 'g';

/** The SDE made anew from its data, with every number checked again, since the object may come from another thread. */
export function checkedSde(sde: SdeData): Sde {
  switch (sde?.kind) {
    case 'vp':
    case 'subVp': {
      const { betaMin, betaMax, tEnd, dataRange } = sde;
      return (sde.kind === 'vp' ? vp : subVp)({ betaMin, betaMax, tEnd, dataRange });
    }
    case 've': {
      const { sigmaMin, sigmaMax, tEnd, dataRange } = sde;
      return ve({ sigmaMin, sigmaMax, tEnd, dataRange });
    }
    case 'affine':
      return affineFromTable(sde);
    default:
      throw invalidOption('sde', sde, 'an SDE', { hint: 'Make one with vp(), ve(), subVp() or affine().' });
  }
}

export function nativeSchedule(sde: Sde): NativeSchedule {
  switch (sde.kind) {
    case 'vp':
    case 'subVp':
      return { kind: sde.kind, betaMin: sde.betaMin, betaMax: sde.betaMax };
    case 've':
      return { kind: 've', sigmaMin: sde.sigmaMin, sigmaMax: sde.sigmaMax };
    case 'affine':
      return { kind: 'table', edges: sde.edges, cubics: sde.cubics };
  }
}
