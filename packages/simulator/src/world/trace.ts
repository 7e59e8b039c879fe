/** What happened, a line an event. Lines are built only while somebody listens. */
export class Trace {
  #sink: ((line: string) => void) | undefined;

  constructor(sink?: (line: string) => void) {
    this.#sink = sink;
  }

  add(now: number, line: () => string | undefined): void {
    const text = this.#sink && line();
    if (text !== undefined) this.#sink?.(`${now.toFixed(3).padStart(12)} ${text}`);
  }
}

/** Keeps the last lines. */
export class TraceTail {
  readonly #lines: string[] = [];
  #at = 0;

  constructor(readonly limit: number) {}

  readonly sink = (line: string): void => {
    this.#lines[this.#at++ % this.limit] = line;
  };

  /** How many were not kept. */
  get dropped(): number {
    return Math.max(0, this.#at - this.limit);
  }

  lines(): string[] {
    const start = this.#at % this.limit;
    return this.#at < this.limit ? [...this.#lines] : [...this.#lines.slice(start), ...this.#lines.slice(0, start)];
  }
}
