import { parseArgs } from 'node:util';
import { type Command, UsageError } from './command.js';

export interface Output {
  out(line: string): void;
  err(line: string): void;
}

/** Runs what was typed. Returns the exit code: that of the command, 1 where it failed, 2 where what was typed makes no sense. */
export async function run(args: readonly string[], commands: readonly Command[], output: Output): Promise<number> {
  try {
    const options = { help: { type: 'boolean', short: 'h' } } as const;
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    if (values.help) {
      output.out(usageOf(commands));
      return 0;
    }
    for (const command of commands) {
      const words = command.name.split(' ');
      if (words.every((word, i) => positionals[i] === word))
        return await command.run(positionals.slice(words.length), output.out);
    }
    throw new UsageError(positionals.length === 0 ? 'no command' : `no command ${positionals.join(' ')}`);
  } catch (error) {
    output.err(`hamok: ${error instanceof Error ? error.message : String(error)}`);
    if (!isUsage(error)) return 1;
    output.err(usageOf(commands));
    return 2;
  }
}

function isUsage(error: unknown): boolean {
  if (error instanceof UsageError) return true;
  return error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_');
}

function usageOf(commands: readonly Command[]): string {
  const lines = commands.map(({ name, parameters, summary }) => `  hamok ${name} ${parameters}\n      ${summary}`);
  return ['usage:', ...lines].join('\n');
}
