import { SdeError } from '../../src/index.js';

/** The `SdeError` that this throws or rejects with; anything else fails the test. */
export async function caught(action: () => unknown): Promise<SdeError> {
  try {
    await action();
  } catch (error) {
    if (error instanceof SdeError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
