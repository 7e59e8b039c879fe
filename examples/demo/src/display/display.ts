import { seconds } from './numbers.js';

/** Shows how the demonstration goes on. */
export interface Display {
  /** @param share how much of it is done, from 0 to 1, where that is known. */
  begin(act: string, share?: () => number): void;
  /** The act that was begun is over. */
  done(result: string): void;
  /** Nothing more will be shown. Idempotent. */
  end(): void;
}

/** For machines, who read the outcome. */
export const silentDisplay: Display = { begin() {}, done() {}, end() {} };

/** A line for each act, as soon as it is over. */
export class PlainDisplay implements Display {
  readonly #write: (line: string) => void;
  #act = '';
  #begin = 0;

  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  begin(act: string): void {
    this.#act = act;
    this.#begin = performance.now();
  }

  done(result: string): void {
    this.#write(`${this.#act}: ${result} (${seconds(performance.now() - this.#begin)})`);
  }

  end(): void {}
}
