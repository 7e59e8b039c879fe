import type { StateMachine } from '@hamok/collections';
import { MessageProtocol } from '@hamok/messages';
import type { Committed, MemberId, MembersChange, StateMachine as RaftStateMachine, SnapshotOrigin } from '@hamok/raft';
import { decodeMemberRun, isMemberRun, type MemberRun, type MemberRuns } from './member-runs.js';

/** The tag of field 1, `protocol`, a varint. */
const protocolTag = (1 << 3) | 0;

/**
 * The collections' state machine, as the Raft engine calls it. Entries that the application put into the log itself pass it by:
 * which ones those are is told by their bytes alone, so every member decides alike. Members are named to it by their runs.
 */
export class CommandMachine implements RaftStateMachine {
  constructor(
    private readonly machine: StateMachine,
    private readonly runs: MemberRuns,
  ) {}

  admit(from: MemberId, data: Uint8Array): string | undefined {
    if (isMemberRun(data)) return this.#refusalOf(decodeMemberRun(data), from);
    return isCommand(data) ? this.machine.admit(this.runs.runOf(from), data) : undefined;
  }

  apply({ index, time, data }: Committed): void {
    if (isMemberRun(data)) this.#beginRun(index, decodeMemberRun(data));
    else if (isCommand(data)) this.machine.apply({ index, time, command: data });
  }

  membersChanged({ index, joined, left }: MembersChange): void {
    const gone = left.map((member) => this.runs.runOf(member));
    for (const member of left) this.runs.left(member);
    for (const member of joined) this.runs.joined(member);
    this.machine.membersChanged({ index, joined, left: gone });
  }

  snapshot(): AsyncIterable<Uint8Array> {
    return this.machine.snapshot();
  }

  async restore(origin: SnapshotOrigin, data: AsyncIterable<Uint8Array>): Promise<void> {
    await this.machine.restore(origin, data);
    this.runs.restored(origin.members, this.machine.members ?? origin.members);
  }

  leading(term: number | undefined): void {
    this.machine.leading(term);
  }

  receive(from: MemberId, frame: Uint8Array): void {
    this.machine.receive(this.runs.runOf(from), frame);
  }

  #refusalOf(begun: MemberRun | undefined, from: MemberId): string | undefined {
    if (begun?.member !== from) return 'bad-command';
    return this.runs.isLater(begun) ? undefined : 'superseded';
  }

  /** To collections the process before has left, and another has joined. */
  #beginRun(index: number, begun: MemberRun | undefined): void {
    if (!begun || !this.runs.isLater(begun)) return;
    const before = this.runs.runOf(begun.member);
    this.runs.begin(begun);
    this.machine.membersChanged({ index, joined: [begun.run], left: [before] });
  }
}

/** The collections write a message's fields in the order of their numbers, so the protocol comes first. */
function isCommand(data: Uint8Array): boolean {
  return data[0] === protocolTag && data[1] === MessageProtocol.STORAGE_COMMUNICATION_PROTOCOL;
}
