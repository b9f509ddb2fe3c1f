/** CUDA's compiler, or what is wrong with what there is. */
export function findNvcc(
  env?: NodeJS.ProcessEnv,
): { found: { path: string; version: string } } | { found?: undefined; missing: string };
