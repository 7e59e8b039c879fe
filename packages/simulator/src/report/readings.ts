import type { TraceSink } from '../world/trace.js';

/** Noted where everything is looked at, everywhere, and where nothing was wrong with it. */
export const readingBegins = 'everything is read, everywhere';
export const readingEnds = 'everybody read the same';

/** Passes a trace on without the messages by which everything was read, where nothing was wrong with it: they are many, and change nothing. */
export class Readings {
  /** What came since a reading began that has not ended. */
  #open: Parameters<TraceSink>[] | undefined;

  constructor(private readonly next: TraceSink) {}

  readonly sink: TraceSink = (line, now, link) => {
    if (line.endsWith(readingEnds)) {
      this.#open = this.#open?.filter(([, , of]) => of === undefined);
      this.end();
    }
    if (line.endsWith(readingBegins)) this.#open ??= [];
    if (this.#open === undefined) this.next(line, now, link);
    else this.#open.push([line, now, link]);
  };

  /** The trace ends here, be it in the middle of a reading. */
  end(): void {
    for (const line of this.#open ?? []) this.next(...line);
    this.#open = undefined;
  }
}
