import { demonstrate } from './demonstration.js';
import { type Display, PlainDisplay, silentDisplay } from './display/display.js';
import { summaryOf } from './display/summary.js';
import { TerminalDisplay } from './display/terminal-display.js';
import { type Options, parseOptions, UsageError, usage } from './options.js';
import type { Outcome } from './outcome.js';
import { Cluster } from './process/cluster.js';
import { Stage } from './stage.js';

/** Loading, restarting and comparing take their time for each of them. */
const deadlinePerMemberInMs = 20_000;
const signals = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 } as const;

async function main(args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  if (options.help) {
    process.stdout.write(usage);
    return 0;
  }
  const outcome = await run(options);
  process.stdout.write(options.json ? `${JSON.stringify(outcome, undefined, 2)}\n` : summaryOf(outcome));
  return outcome.ok ? 0 : 1;
}

async function run(options: Options): Promise<Outcome> {
  const begin = performance.now();
  const cluster = new Cluster(options.members);
  const display = displayOf(options, cluster);
  // Whatever ends this process, its members end with it, and the cursor is shown again.
  process.on('exit', () => {
    cluster.kill();
    display.end();
  });
  for (const [signal, number] of Object.entries(signals)) process.on(signal, () => process.exit(128 + number));
  const stage = new Stage(cluster, display);
  const deadlineInMs = deadlinePerMemberInMs * options.members;
  const deadline = setTimeout(() => {
    cluster.fail(new Error(`it did not end within ${deadlineInMs / 1000} s: "${stage.act}" was under way`));
  }, deadlineInMs);
  const elapsed = (): number => performance.now() - begin;
  try {
    const { figures, problems } = await demonstrate(stage, options.seconds);
    return { ok: problems.length === 0, problems, elapsedInMs: elapsed(), figures };
  } catch (error) {
    return { ok: false, problems: [error instanceof Error ? error.message : String(error)], elapsedInMs: elapsed() };
  } finally {
    clearTimeout(deadline);
    cluster.kill();
    display.end();
  }
}

function displayOf({ json }: Options, cluster: Cluster): Display {
  if (json) return silentDisplay;
  if (process.stdout.isTTY) return new TerminalDisplay(process.stdout, cluster);
  return new PlainDisplay((line) => process.stdout.write(`${line}\n`));
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n\n${usage}`);
  process.exitCode = 2;
}
