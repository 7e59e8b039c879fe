import { MessageType } from '@hamok/messages';
import type { MemberId } from '../consensus.js';
import { Fifo } from '../fifo.js';
import { type Command, decodeCommand, isFromLeader, isNewer, type LeaderCommand } from './command.js';
import { modelOf } from './contents.js';
import type { ReplicatedSession } from './replicated-session.js';

/**
 * Why a leader keeps a command out of its log:
 * - `bad-command`: malformed, or not the sender's to send; no retry helps. `unsupported-command`, `too-large`: nor does it here.
 * - `duplicate`: it was applied, and its sender has said that it has the result.
 * - `sequence-gap`: one before it is missing; `busy`: too many are in flight; `session-closed`, `not-leading`: not now. A retry in order helps.
 */
export type AdmissionCode =
  | 'bad-command'
  | 'unsupported-command'
  | 'too-large'
  | 'duplicate'
  | 'sequence-gap'
  | 'busy'
  | 'session-closed'
  | 'not-leading';

/** The refusals that the same bytes will always meet. */
export const finalRefusals: ReadonlySet<string> = new Set(['bad-command', 'unsupported-command', 'too-large']);

/** The door of the log: what a leader checks before it appends. What is let in is applied in the same order, or lost with the leadership. */
export class Admission {
  #term: number | undefined;
  /** What was let in and not yet applied, so that it is decoded once. */
  readonly #admitted = new Fifo<{ readonly bytes: Uint8Array; readonly command: Command | LeaderCommand }>();

  constructor(private readonly limits: { readonly maxInFlight: number; readonly maxCommandBytes: number }) {}

  /** Another term begins with what is applied: what an earlier one let in is in the log and applied, or lost. */
  leading(term: number | undefined, sessions: Iterable<ReplicatedSession>): void {
    if (term === this.#term) return;
    this.#term = term;
    this.#admitted.drain();
    for (const session of sessions) session.admitted = session.lastApplied;
  }

  check(
    sessions: ReadonlyMap<MemberId, ReplicatedSession>,
    from: MemberId,
    bytes: Uint8Array,
  ): AdmissionCode | undefined {
    if (bytes.length > this.limits.maxCommandBytes) return 'too-large';
    const command = decodeCommand(bytes);
    if (isNewer(command)) return 'unsupported-command';
    if (command === undefined) return 'bad-command';
    const refusal = isFromLeader(command)
      ? this.#checkLeader(from, command)
      : this.#checkChange(sessions, from, command);
    if (refusal === undefined) this.#admitted.push({ bytes, command });
    return refusal;
  }

  /** The command in these bytes, when it was let in here and is the next to be applied. */
  decoded(bytes: Uint8Array): Command | LeaderCommand | undefined {
    const head = this.#admitted.shift();
    if (head === undefined || head.bytes === bytes) return head?.command;
    this.#admitted.drain();
    return undefined;
  }

  /** One of a leader that was is refused. Whatever carries it out nevertheless must find it without effect. */
  #checkLeader(from: MemberId, { leader, term }: LeaderCommand): AdmissionCode | undefined {
    if (leader !== from) return 'bad-command';
    return term === this.#term ? undefined : 'not-leading';
  }

  #checkChange(
    sessions: ReadonlyMap<MemberId, ReplicatedSession>,
    from: MemberId,
    command: Command,
  ): AdmissionCode | undefined {
    if (command.member !== from || !wellFormed(command)) return 'bad-command';
    if (this.#term === undefined) return 'not-leading';
    const session = sessions.get(from);
    if (session === undefined) return 'session-closed';
    const refusal = this.#checkOrder(session, command);
    if (refusal === undefined) session.admitted = Math.max(session.admitted, command.sequence);
    return refusal;
  }

  #checkOrder(session: ReplicatedSession, { sequence, acknowledged }: Command): AdmissionCode | undefined {
    const admitted = Math.max(session.admitted, session.lastApplied);
    const { maxInFlight } = this.limits;
    // What is sent again may not be in the log of this leader for good, and does no harm there twice. It must not hold up
    // what comes behind it: an engine may refuse, with one code, all that follows the first refusal.
    if (sequence <= admitted) return sequence <= session.acknowledged ? 'duplicate' : undefined;
    if (sequence > admitted + 1) return 'sequence-gap';
    return sequence - session.lastApplied > maxInFlight || sequence - acknowledged > maxInFlight ? 'busy' : undefined;
  }
}

function wellFormed(command: Command): boolean {
  if (command.type === MessageType.NO_OP_REQUEST) return true;
  const model = modelOf(command.storageKind);
  if (model === undefined || command.storageId === undefined) return false;
  return command.type === MessageType.STORAGE_OPEN_REQUEST || model.accepts(command);
}
