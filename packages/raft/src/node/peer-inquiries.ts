import type { EventEmitter } from 'eventemitter3';
import type { PeerRequest, PeerResponse } from '../bootstrap/messages.js';
import { membersOf } from '../core/configuration.js';
import { ClosedError } from '../errors.js';
import { idOf, type MemberId } from '../identity/member-id.js';
import type { Clock, Random } from '../ports/clock.js';
import type { RaftNodeEvents } from './events.js';
import type { Membership } from './membership.js';

/** A process that answered a hello, and what it knows. */
export interface FoundPeer {
  readonly peerId: string;
  /** Undefined where it is in no grid yet, and knows of no members then. */
  readonly gridId: string | undefined;
  readonly leaderId: string | undefined;
  /** Ids of the members of its grid, itself among them. */
  readonly memberIds: readonly string[];
  /** What its program answered to the request that came with the hello. */
  readonly customResponse: string | undefined;
}

/** A request of another program's own. */
export interface PeerInquiry {
  readonly customRequest: string;
  /** Answers it, while the listener is called: the last answer counts. Text of less than a frame. */
  respond(customResponse: string): void;
}

interface Inquiry {
  readonly found: Map<string, FoundPeer>;
  /** Asks one, or everyone who can be reached. */
  readonly ask: (to?: string) => void;
  readonly end: () => void;
}

/** Hellos that wait for answers. */
export class PeerInquiries {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #open = new Map<string, Inquiry>();

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  begin(timeoutInMs: number, send: (nonce: string, to?: string) => void): Promise<FoundPeer[]> {
    const nonce = Math.floor(this.#random() * 2 ** 48).toString(36);
    return new Promise<FoundPeer[]>((resolve, reject) => {
      const found = new Map<string, FoundPeer>();
      const cancel = this.#clock.setTimer(() => resolve([...found.values()]), timeoutInMs);
      const end = (): void => {
        cancel();
        reject(new ClosedError());
      };
      const ask = (to?: string): void => send(nonce, to);
      this.#open.set(nonce, { found, ask, end });
      ask();
    }).finally(() => this.#open.delete(nonce));
  }

  /** Someone can be reached from now on. */
  reached(peerId: string): void {
    for (const { ask } of this.#open.values()) ask(peerId);
  }

  answered({ from, nonce, gridId, leader, configuration, custom }: PeerResponse): void {
    const peerId = idOf(from);
    const leaderId = leader && idOf(leader);
    const memberIds = membersOf(configuration).map(idOf);
    this.#open.get(nonce)?.found.set(peerId, { peerId, gridId, leaderId, memberIds, customResponse: custom });
  }

  end(): void {
    for (const { end } of this.#open.values()) end();
  }
}

/** What this process says to who asks; the program is asked for its part. */
export function answerInquiry(
  { from, nonce, custom }: PeerRequest,
  self: MemberId,
  membership: Membership | undefined,
  events: EventEmitter<RaftNodeEvents>,
): PeerResponse {
  let customResponse: string | undefined;
  const respond = (response: string): void => {
    customResponse = response;
  };
  if (custom === undefined) events.emit('hello-notification', idOf(from));
  else events.emit('hello-notification', idOf(from), { customRequest: custom, respond });
  const { configuration = { voters: [], learners: [] }, leader } = membership?.replica.core ?? {};
  const gridId = membership?.binding.gridId;
  return {
    type: 'peer-response',
    from: self,
    to: idOf(from),
    nonce,
    gridId,
    configuration,
    leader,
    custom: customResponse,
  };
}
