import { type HamokMessage, MessageType } from '@hamok/messages';
import { type Configuration, idOf, incarnationOf, type MemberId } from '@hamok/raft';
import { Violation } from '../../invariants/invariant.js';
import type { Process } from '../world/process.js';
import type { GridInvariant } from './grid-invariant.js';

/** For so long whoever agreed to a question agrees to no other's (ms; 100 intervals). */
const promisedFor = 9500;

/** A question whether to begin a grid. */
interface Question {
  readonly asker: MemberId;
  readonly expected: readonly string[];
  readonly agreed: Set<MemberId>;
}

/**
 * A grid begins with those that its founders were told to begin it with: exactly those of the list of each, or as many as the number says, or at
 * least two; and each of them agreed to the one question that it came of. Nobody is ever in a second grid as the same incarnation, or takes
 * the offer of one with an incarnation that was not the one that it agreed with last: it enters that only where its leader lets it in.
 */
export class Founders implements GridInvariant {
  readonly name = 'a grid begins with whom it was told';
  readonly source = 'architecture, rules 3 and 4';
  readonly #gridOf = new Map<MemberId, string>();
  readonly #processOf = new Map<MemberId, Process>();
  readonly #checked = new WeakSet<Configuration>();
  /** By asker and nonce. */
  readonly #questions = new Map<string, Question>();
  readonly #askedBy = new Map<string, Question[]>();
  /** Whom a member agreed with last, and when by its clock. */
  readonly #promises = new Map<MemberId, { readonly to: MemberId; readonly at: number }>();
  /** Whom a leader has let in: its grid lives, so that no other one can that comes of what they agreed to. */
  readonly #letIn = new Set<MemberId>();

  onReceived({ gridId, member }: Process, frame: () => HamokMessage): void {
    if (gridId !== undefined) return;
    const { type, errorCode, destinationId, destinationIncarnation } = frame();
    if (type !== MessageType.MEMBERSHIP_RESPONSE || errorCode !== 'accepted') return;
    if (member === `${destinationId}@${destinationIncarnation}`) this.#letIn.add(member);
  }

  onSent(process: Process, frame: () => HamokMessage): void {
    const { gridId, member } = process;
    if (gridId !== undefined || member === undefined) return;
    const { type, requestId, activeEndpointIds, destinationId, success } = frame();
    if (type === MessageType.BOOTSTRAP_REQUEST) this.#asked(member, `${requestId}`, activeEndpointIds);
    if (type !== MessageType.BOOTSTRAP_RESPONSE || success !== true) return;
    const question = this.#questions.get(`${destinationId} ${requestId}`);
    question?.agreed.add(member);
    if (question) this.#promises.set(member, { to: question.asker, at: process.clock.now() });
  }

  #asked(asker: MemberId, nonce: string, expected: readonly string[]): void {
    const id = idOf(asker);
    const key = `${id} ${nonce}`;
    if (this.#questions.has(key)) return;
    const question = { asker, expected: [...expected], agreed: new Set<MemberId>() };
    this.#questions.set(key, question);
    this.#askedBy.set(id, [...(this.#askedBy.get(id) ?? []), question]);
  }

  onStep(process: Process): void {
    const { member, core, gridId } = process;
    if (member === undefined) return;
    this.#processOf.set(member, process);
    if (!core || gridId === undefined) return;
    const before = this.#gridOf.get(member) ?? gridId;
    if (before !== gridId) throw new Violation(this.name, `${member} is in ${gridId}, and was in ${before}`);
    const { log } = core;
    if (!this.#gridOf.has(member)) this.#checkPromise(process, member, log.configurationAt(log.base.index).voters);
    this.#gridOf.set(member, gridId);
    // Who holds no state that the grid began with is no founder: those that do are told by nothing how many they should be.
    if (log.base.index !== -1) return;
    const founding = log.configurationAt(-1);
    if (this.#checked.has(founding)) return;
    this.#checked.add(founding);
    this.#check(gridId, founding.voters);
  }

  #checkPromise({ clock }: Process, member: MemberId, founders: readonly MemberId[]): void {
    const { to, at } = this.#promises.get(member) ?? {};
    if (
      this.#letIn.has(member) ||
      to === undefined ||
      at === undefined ||
      !founders.includes(member) ||
      clock.now() - at > promisedFor
    )
      return;
    const older = founders.find((founder) => idOf(founder) === idOf(to) && incarnationOf(founder) < incarnationOf(to));
    if (older) throw new Violation(this.name, `${member} enters a grid of ${older}, having agreed with ${to}`);
  }

  #check(gridId: string, founders: readonly MemberId[]): void {
    const ids = founders.map(idOf);
    for (const founder of founders) {
      const process = this.#processOf.get(founder);
      if (!process) throw new Violation(this.name, `${gridId} began with ${founder}, which nobody ever was`);
      const why = objection(process, ids);
      if (why !== undefined) throw new Violation(this.name, `${gridId} began as [${founders}]: ${founder} ${why}`);
    }
    const isAgreed = ({ expected, agreed }: Question, asker: string): boolean =>
      expected.length === ids.length &&
      founders.every((founder) => expected.includes(idOf(founder)) && (idOf(founder) === asker || agreed.has(founder)));
    if (ids.length > 1 && !ids.some((asker) => this.#askedBy.get(asker)?.some((asked) => isAgreed(asked, asker))))
      throw new Violation(this.name, `${gridId} began as [${founders}], who did not all agree to one question`);
  }
}

/** What a founder was told that is not so; undefined where nothing is. */
function objection({ peerId, hamok: { config } }: Process, ids: readonly string[]): string | undefined {
  const { bootstrap, peers = [], expectedPeers } = config;
  if (bootstrap === false) return 'was told to join only';
  if (peers.length > 0) {
    const told = new Set([peerId, ...peers]);
    return told.size === ids.length && ids.every((id) => told.has(id)) ? undefined : `was told [${[...told]}]`;
  }
  const least = expectedPeers ?? 2;
  return ids.length < least ? `was told of ${least}` : undefined;
}
