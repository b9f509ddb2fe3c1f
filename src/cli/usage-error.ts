/** A command line that cannot be meant: exit code 2, one line that says what would be right. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
