import type { StateMachine } from '@hamok/collections';
import { MessageProtocol } from '@hamok/messages';
import type { Committed, MembersChange, StateMachine as RaftStateMachine, SnapshotOrigin } from '@hamok/raft';

/** The tag of field 1, `protocol`, a varint. */
const protocolTag = (1 << 3) | 0;

/**
 * The collections' state machine, as the Raft engine calls it. Entries that the application put into the log itself pass it by:
 * which ones those are is told by their bytes alone, so every member decides alike.
 */
export class CommandMachine implements RaftStateMachine {
  constructor(private readonly machine: StateMachine) {}

  admit(from: string, data: Uint8Array): string | undefined {
    return isCommand(data) ? this.machine.admit(from, data) : undefined;
  }

  apply({ index, time, data }: Committed): void {
    if (isCommand(data)) this.machine.apply({ index, time, command: data });
  }

  membersChanged(change: MembersChange): void {
    this.machine.membersChanged(change);
  }

  snapshot(): AsyncIterable<Uint8Array> {
    return this.machine.snapshot();
  }

  restore(origin: SnapshotOrigin, data: AsyncIterable<Uint8Array>): Promise<void> {
    return this.machine.restore(origin, data);
  }

  leading(term: number | undefined): void {
    this.machine.leading(term);
  }

  receive(from: string, frame: Uint8Array): void {
    this.machine.receive(from, frame);
  }
}

/** The collections write a message's fields in the order of their numbers, so the protocol comes first. */
function isCommand(data: Uint8Array): boolean {
  return data[0] === protocolTag && data[1] === MessageProtocol.STORAGE_COMMUNICATION_PROTOCOL;
}
