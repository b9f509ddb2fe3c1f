/** The addon, loaded when first needed, so that importing the package never fails for lack of it. */
import { loadAddon } from '#binding';
import type { NativeAddon } from './native.js';

/** Throws ERR_SDE_ADDON_MISSING. */
export function addon(): NativeAddon {
  return loadAddon() as NativeAddon;
}
