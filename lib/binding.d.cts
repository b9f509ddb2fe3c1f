/** One class for the ESM and the CommonJS build, so that `instanceof` holds across them; src/errors.ts has its types. */
export class SdeError extends Error {
  constructor(code: string, message: string, details?: object);
  readonly code: string;
}

/** The addon: a `NativeAddon` of src/native.ts. Throws ERR_SDE_ADDON_MISSING, with what was tried and what to do. */
export function loadAddon(): unknown;

/** mathjs without its matrices and units. Throws ERR_SDE_ADDON_MISSING in a bundle. */
export function loadParser(): unknown;

/** The package's own folder. */
export const root: string;

/** Where `fast-sde build` puts what it compiles, and where it is looked for. */
export function compiledFolder(): string;

/** The addon's file, whether it is loaded or not. Throws where there is none. */
export function addonFile(): string;
