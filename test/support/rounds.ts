/** How often a random test is repeated: few times in every test run, many times under `npm run soak`. */
export const soaking = process.env.FAST_SDE_SOAK === 'full';

export function rounds(inSuite: number, inFull: number): number {
  return soaking ? inFull : inSuite;
}
