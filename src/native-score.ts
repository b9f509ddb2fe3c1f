/** Opaque, type-tagged handle to a score: a loaded module, a mixture, or a place for a callback's answers. */
export interface NativeScore {
  readonly __nativeScore: unique symbol;
}
