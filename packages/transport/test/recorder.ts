import type { Transport, TransportReceiver } from '@hamok/transport';

/** A receiver that keeps what it was told, and lets a test wait for it. */
export class Recorder implements TransportReceiver {
  readonly frames: Uint8Array[] = [];
  readonly errors: Error[] = [];
  /** '+id' connected, '-id' disconnected, 'frame', 'error'. */
  readonly events: string[] = [];
  readonly #waiting = new Set<() => void>();

  private constructor(readonly transport: Transport) {}

  static async open(transport: Transport, id: string, gridName = 'test'): Promise<Recorder> {
    const recorder = new Recorder(transport);
    await transport.open({ id, gridName }, recorder);
    return recorder;
  }

  frame(frame: Uint8Array): void {
    this.frames.push(new Uint8Array(frame));
    this.#note('frame');
  }

  connected(peerId: string): void {
    this.#note(`+${peerId}`);
  }

  disconnected(peerId: string): void {
    this.#note(`-${peerId}`);
  }

  error(error: Error): void {
    this.errors.push(error);
    this.#note('error');
  }

  /** Resolves once the condition holds; it is looked at whenever something happened. The test's own timeout ends it. */
  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        if (!condition()) return;
        this.#waiting.delete(check);
        resolve();
      };
      this.#waiting.add(check);
      check();
    });
  }

  /** Resolves with the first error that has this code. */
  async untilError(code: string): Promise<Error> {
    const find = () => this.errors.find((error) => 'code' in error && error.code === code);
    await this.until(() => find() !== undefined);
    const error = find();
    if (error === undefined) throw new Error(`no error ${code}`);
    return error;
  }

  #note(event: string): void {
    this.events.push(event);
    for (const check of [...this.#waiting]) check();
  }
}
