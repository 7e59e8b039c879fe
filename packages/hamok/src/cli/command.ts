/** One thing that the command line can do. */
export interface Command {
  /** As it is typed, without the name of the program: `snapshot inspect`. */
  readonly name: string;
  /** What stands behind the name, for the usage: `FILE`. */
  readonly parameters: string;
  readonly summary: string;
  /**
   * Prints what it found, line by line, and returns the exit code: 0 where all is well, 1 where something is damaged, or not there.
   * @throws {UsageError} and what the file system throws
   */
  run(args: readonly string[], print: (line: string) => void): Promise<number>;
}

/** What was typed makes no sense. */
export class UsageError extends Error {}

/** A line that says one thing. */
export function field(name: string, value: string): string {
  return `${name.padEnd(10)}${value}`;
}

/** The one argument that a command takes. */
export function onlyArgument(args: readonly string[], name: string): string {
  const [only, ...others] = args;
  if (only === undefined || others.length > 0) throw new UsageError(`one ${name} is wanted`);
  return only;
}
