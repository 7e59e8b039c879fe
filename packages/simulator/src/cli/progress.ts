import process from 'node:process';

const every = { terminal: 500, log: 15_000 };
const usualColumns = 80;

/** A line that is written over on a terminal, and repeated now and then elsewhere, until it is done. It says that something goes on, also where one run takes long. */
export class Progress {
  readonly #timer: NodeJS.Timeout;

  constructor(
    line: () => string,
    private readonly out: Pick<NodeJS.WriteStream, 'isTTY' | 'columns' | 'write'> = process.stderr,
  ) {
    const { isTTY } = out;
    // A terminal that does not know says 0.
    const columns = out.columns > 0 ? out.columns : usualColumns;
    const write = (): void => {
      // What does not fit would be wrapped, and could not be written over.
      out.write(isTTY ? `\r\u001b[K${line().slice(0, columns - 1)}` : `${line()}\n`);
    };
    this.#timer = setInterval(write, isTTY ? every.terminal : every.log);
    this.#timer.unref();
  }

  done(): void {
    clearInterval(this.#timer);
    if (this.out.isTTY) this.out.write('\r\u001b[K');
  }
}
