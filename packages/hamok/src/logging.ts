import type { Logger } from '@hamok/raft';

const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

export type HamokLogLevel = (typeof levels)[number];

let threshold: HamokLogLevel = 'warn';
const transports = new Set<Logger>();

/** What reaches the loggers that `addHamokLogTransport` added: this level and those above it. Default: `warn`. */
export function setHamokLogLevel(level: HamokLogLevel): void {
  threshold = level;
}

/**
 * Adds a logger (pino's, or the console) for all members in this process that have none of their own. Without one they are
 * silent. Returns what removes it again.
 */
export function addHamokLogTransport(logger: Logger): () => void {
  transports.add(logger);
  return () => transports.delete(logger);
}

function write(level: 'debug' | 'info' | 'warn' | 'error', message: string): void {
  if (levels.indexOf(level) < levels.indexOf(threshold)) return;
  for (const transport of transports) transport[level](message);
}

/** The logger of members that were given none. */
export const sharedLogger: Logger = {
  debug: (message) => write('debug', message),
  info: (message) => write('info', message),
  warn: (message) => write('warn', message),
  error: (message) => write('error', message),
};
