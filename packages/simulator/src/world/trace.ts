import type { Parcel } from './network.js';

/** Takes a line, with the virtual time in ms, and for a message the direction in which it went. */
export type TraceSink = (line: string, now: number, link?: string) => void;

const timeWidth = 12;

/** What happened, a line an event. Lines are built only while somebody listens. */
export class Trace {
  #sink: TraceSink | undefined;

  constructor(sink?: TraceSink) {
    this.#sink = sink;
  }

  /** Whether somebody listens. */
  get isHeard(): boolean {
    return this.#sink !== undefined;
  }

  /** What follows is no part of it. */
  end(): void {
    this.#sink = undefined;
  }

  add(now: number, line: () => string | undefined, message?: Parcel): void {
    const text = this.#sink && line();
    if (text === undefined) return;
    const link = message && `${message.from}>${message.to}`;
    this.#sink?.(`${now.toFixed(3).padStart(timeWidth)} ${text}`, now, link);
  }
}

interface Kept {
  readonly line: string;
  readonly at: number;
  times: number;
  until: number;
}

/** Keeps the last lines. A message that says what the one before it in its direction said, as heartbeats do, is only counted. */
export class TraceTail {
  readonly #kept: Kept[] = [];
  readonly #lastOfLink = new Map<string, Kept>();
  #at = 0;

  constructor(readonly limit: number) {}

  readonly sink: TraceSink = (line, now, link) => {
    const last = link === undefined ? undefined : this.#lastOfLink.get(link);
    if (last && last.at >= this.dropped && textOf(last.line) === textOf(line)) {
      last.times++;
      last.until = now;
      return;
    }
    const kept = { line, at: this.#at, times: 1, until: now };
    if (link !== undefined) this.#lastOfLink.set(link, kept);
    this.#kept[this.#at++ % this.limit] = kept;
  };

  /** How many were not kept. */
  get dropped(): number {
    return Math.max(0, this.#at - this.limit);
  }

  lines(): string[] {
    const start = this.#at % this.limit;
    const kept = this.#at < this.limit ? this.#kept : [...this.#kept.slice(start), ...this.#kept.slice(0, start)];
    return kept.map(({ line, times, until }) =>
      times > 1 ? `${line} (${times} times, until ${until.toFixed(3)})` : line,
    );
  }
}

function textOf(line: string): string {
  return line.slice(timeWidth);
}
