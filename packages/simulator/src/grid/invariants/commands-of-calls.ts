import type { MessageType } from '@hamok/messages';
import { Violation } from '../../invariants/invariant.js';
import { type Command, commandIn } from '../reference/command.js';
import type { Process } from '../world/process.js';
import type { GridInvariant } from './grid-invariant.js';

/** What a call asks of its collection: what it does not name, it leaves out; tickets that are not known here are not compared. */
export type Asked = Partial<Omit<Command, 'type' | 'session' | 'storageId' | 'storageKind'>> & {
  readonly type: MessageType;
};

const nothing = {
  keys: [],
  values: [],
  prevValue: undefined,
  tickets: [],
  revision: undefined,
  ttlInMs: undefined,
  leaseInMs: undefined,
  delayInMs: undefined,
  dedupId: undefined,
  maxDeliveries: undefined,
  expectedEntries: undefined,
};

/** A call that is sent at once asks for what its arguments say, and for nothing else. */
export class CommandsOfCalls implements GridInvariant {
  readonly name = 'a call asks for what it says';
  readonly source = 'HamokMap, HamokRecord, HamokQueue, HamokEmitter: what calls take';
  readonly #sent = new WeakMap<Process, Uint8Array[]>();

  onEngine: NonNullable<GridInvariant['onEngine']> = (process, engine) => {
    const submit = engine.submit.bind(engine);
    engine.submit = (data, wait) => {
      this.#sent.get(process)?.push(data);
      return submit(data, wait);
    };
  };

  /** Makes a call. Gives what it sent first before it returned; nothing where it has to wait for its place. */
  during<Made>(process: Process, call: () => Made): readonly [made: Made, sent: Uint8Array | undefined] {
    const sent: Uint8Array[] = [];
    this.#sent.set(process, sent);
    const made = call();
    this.#sent.delete(process);
    return [made, sent[0]];
  }

  check(process: Process, what: string, asked: Asked | undefined, sent: Uint8Array | undefined): void {
    const command = sent && commandIn(sent);
    if (!asked || !command) return;
    const { session: _, storageId, storageKind, ...found } = command;
    const expected = { ...nothing, ...asked };
    for (const field of Object.keys(found) as (keyof typeof found)[]) {
      const [is, should] = [JSON.stringify(found[field]), JSON.stringify(expected[field])];
      if (is !== should && !(field === 'tickets' && asked.tickets === undefined))
        throw new Violation(this.name, `${process.name} ${what} asks ${storageId} for ${field} ${is}, not ${should}`);
    }
  }
}
