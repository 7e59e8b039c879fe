import { parseArgs } from 'node:util';

export interface Options {
  readonly members: number;
  /** How long the throughput is measured. */
  readonly seconds: number;
  readonly json: boolean;
  readonly help: boolean;
}

/** Arguments that make no sense. */
export class UsageError extends Error {}

export const usage = `Three processes form a grid over loopback TCP, load a data set into one replicated map, lose their
leader to SIGKILL, and go on. The killed member comes back, empty; then each is killed and restarted
under a writer. All members' contents and all acknowledged writes are compared.

usage: npm start [-- options]
       node examples/demo/dist/main.js [options]

  --members N   processes to begin with: 3 or 5 (default 3)
  --seconds S   how long the throughput is measured: 1 to 5 (default 3)
  --json        one JSON document on stdout, and nothing else there
  --help        this text

exit code: 0 when all members hold the same content and every acknowledged write, 1 when not,
2 when the arguments are wrong.
`;

/** @throws {UsageError} saying what is wrong. */
export function parseOptions(args: readonly string[]): Options {
  const { members, seconds, json = false, help = false } = parse(args);
  return {
    members: numberIn('--members', members, 3, (value) => value === 3 || value === 5, '3 or 5'),
    seconds: numberIn('--seconds', seconds, 3, (value) => value >= 1 && value <= 5, 'a whole number from 1 to 5'),
    json,
    help,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        members: { type: 'string' },
        seconds: { type: 'string' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function numberIn(
  name: string,
  text: string | undefined,
  byDefault: number,
  allowed: (value: number) => boolean,
  rule: string,
): number {
  if (text === undefined) return byDefault;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!allowed(value)) throw new UsageError(`${name} must be ${rule}, not ${JSON.stringify(text)}`);
  return value;
}
