import type { AcknowledgedWrite } from '../ledger.js';
import type { Report } from '../process/protocol.js';

/** Takes reports to the main process in order; what is acknowledged within one turn of the event loop travels together. */
export class Outbox {
  #writes: AcknowledgedWrite[] = [];
  #flush: NodeJS.Immediate | undefined;

  acknowledged(write: AcknowledgedWrite): void {
    this.#writes.push(write);
    this.#flush ??= setImmediate(() => this.#sendWrites());
  }

  send(report: Report): void {
    this.#sendWrites();
    process.send?.(report);
  }

  #sendWrites(): void {
    clearImmediate(this.#flush);
    this.#flush = undefined;
    if (this.#writes.length === 0) return;
    const writes = this.#writes;
    this.#writes = [];
    process.send?.({ type: 'acknowledged', writes } satisfies Report);
  }
}
