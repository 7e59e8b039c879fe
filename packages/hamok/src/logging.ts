import type { Logger } from '@hamok/raft';
import { ConfigurationError } from './errors.js';

const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

export type HamokLogLevel = (typeof levels)[number];

let threshold: HamokLogLevel = 'warn';
const transports = new Set<Logger>();

/** What reaches the loggers that `addHamokLogTransport` added: this level and those above it. Default: `warn`. */
export function setHamokLogLevel(level: HamokLogLevel): void {
  threshold = level;
}

/** What 2.6 took: pino's name of a module that writes. This package has no pino to give it to. */
export interface PinoTarget {
  readonly target: string;
  readonly level?: string;
  readonly options?: object;
}

/**
 * Adds a logger (pino's, or the console) for all members in this process that have none of their own. Without one they are
 * silent. Returns what removes it again. A `PinoTarget` is accepted for programs of 2.6, and writes nothing.
 *
 * @throws {ConfigurationError} for what is neither
 */
export function addHamokLogTransport(logger: Logger | PinoTarget): () => void {
  if (!isLogger(logger)) return () => undefined;
  transports.add(logger);
  return () => transports.delete(logger);
}

function isLogger(given: Logger | PinoTarget): given is Logger {
  const methods: object = Object(given);
  if (['debug', 'info', 'warn', 'error'].every((level) => typeof Reflect.get(methods, level) === 'function'))
    return true;
  if (typeof Reflect.get(methods, 'target') === 'string') return false;
  throw new ConfigurationError('logger', 'has not the methods debug, info, warn and error');
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
