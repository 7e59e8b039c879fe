import { HamokMessage, MessageProtocol, MessageType } from '@hamok/messages';
import { idOf, incarnationOf, type MemberId, memberId } from '@hamok/raft';

/** The tags of fields 1 and 2, `protocol` and `type`, both varints. */
const [protocolTag, typeTag] = [(1 << 3) | 0, (2 << 3) | 0];

/** The entry by which a process says that it goes on as a member of consensus that an earlier process was. */
export interface MemberRun {
  /** As consensus names it. */
  readonly member: MemberId;
  /** As collections name it from that entry on. */
  readonly run: MemberId;
}

export function encodeMemberRun({ member, run }: MemberRun): Uint8Array {
  return new HamokMessage({
    protocol: MessageProtocol.STORAGE_COMMUNICATION_PROTOCOL,
    type: MessageType.MEMBER_RUN_REQUEST,
    sourceId: idOf(run),
    sourceIncarnation: incarnationOf(run),
    destinationIncarnation: incarnationOf(member),
  }).toBinary();
}

/** Told by the first bytes, as every member decides alike. */
export function isMemberRun(data: Uint8Array): boolean {
  return (
    data[0] === protocolTag &&
    data[1] === MessageProtocol.STORAGE_COMMUNICATION_PROTOCOL &&
    data[2] === typeTag &&
    data[3] === MessageType.MEMBER_RUN_REQUEST
  );
}

/** Undefined for what is malformed. */
export function decodeMemberRun(data: Uint8Array): MemberRun | undefined {
  try {
    const { sourceId, sourceIncarnation, destinationIncarnation } = HamokMessage.fromBinary(data);
    if (sourceId === undefined || sourceIncarnation === undefined || destinationIncarnation === undefined)
      return undefined;
    return { member: memberId(sourceId, destinationIncarnation), run: memberId(sourceId, sourceIncarnation) };
  } catch {
    return undefined;
  }
}

/**
 * Which process stands behind each member. What collections hold for a member (its session, its waits, what it holds of theirs) belongs to one
 * process and ends with it, while a member of consensus comes back from its disk: to collections that is another incarnation.
 */
export class MemberRuns {
  readonly #members = new Set<MemberId>();
  /** Of those that are not the first, whose incarnation is that of the member. */
  readonly #runs = new Map<MemberId, MemberId>();

  runOf(member: MemberId): MemberId {
    return this.#runs.get(member) ?? member;
  }

  memberOf(run: MemberId): MemberId {
    for (const [member, other] of this.#runs) if (other === run) return member;
    return run;
  }

  /** Whether a run is later than the one that stands behind a member now. */
  isLater({ member, run }: MemberRun): boolean {
    return this.#members.has(member) && incarnationOf(run) > incarnationOf(this.runOf(member));
  }

  begin({ member, run }: MemberRun): void {
    this.#runs.set(member, run);
  }

  joined(member: MemberId): void {
    this.#members.add(member);
  }

  left(member: MemberId): void {
    this.#members.delete(member);
    this.#runs.delete(member);
  }

  /** Takes the runs that a restored state knows for those of the members. */
  restored(members: readonly MemberId[], runs: readonly MemberId[]): void {
    this.#members.clear();
    this.#runs.clear();
    for (const member of members) {
      this.#members.add(member);
      const run = runs.find((other) => idOf(other) === idOf(member));
      if (run !== undefined && run !== member) this.#runs.set(member, run);
    }
  }
}
