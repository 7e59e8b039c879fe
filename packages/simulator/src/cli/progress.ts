import { performance } from 'node:perf_hooks';
import process from 'node:process';

const every = { terminal: 500, log: 15_000 };

/** A line that is written over on a terminal, and repeated now and then elsewhere. */
export class Progress {
  #reportedAt = performance.now();

  tell(line: () => string): void {
    const { isTTY } = process.stderr;
    if (performance.now() - this.#reportedAt < (isTTY ? every.terminal : every.log)) return;
    this.#reportedAt = performance.now();
    process.stderr.write(isTTY ? `\r\u001b[K${line()}` : `${line()}\n`);
  }

  done(): void {
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  }
}
