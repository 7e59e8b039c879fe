import type { Clock } from '../clock.js';
import { Pauses } from '../pauses.js';
import type { HoldNames } from '../permits/hold-names.js';
import { type CounterMap, ownCall, turnKey } from './counter-map.js';

/** After so many attempts that came too late a member asks for its turn. */
const patience = 3;
/** Longest that the others wait for one, in ms. */
const turnInMs = 1000;

/**
 * Lets everybody come to add: a member near the leader would else be faster than the others for as long as it goes on adding. A courtesy: who does
 * not know of a turn may go, and only makes the one whose turn it is try again.
 */
export class Turns {
  readonly #pauses: Pauses;
  /** The name of this member's own turn. */
  #own: string | undefined;
  #late = 0;

  constructor(
    private readonly map: CounterMap,
    clock: Clock,
    private readonly names: HoldNames,
  ) {
    this.#pauses = new Pauses(clock);
    const onGone = (key: string): void => {
      if (key === turnKey) this.#pauses.endAll();
    };
    map.on('remove', onGone);
    map.on('expire', onGone);
  }

  /** Resolves when it is not another's turn, or was for long enough. */
  async come(): Promise<void> {
    const turn = this.map.get(turnKey);
    if (turn !== undefined && turn !== this.#own) await this.#pauses.pause(turnInMs);
  }

  /** An attempt was made, in time or not. */
  async went(inTime: boolean): Promise<void> {
    this.#late = inTime ? 0 : this.#late + 1;
    if (inTime) this.pass();
    else if (this.#late >= patience && this.map.get(turnKey) === undefined) await this.#ask();
  }

  /** It is the others' turn. */
  pass(): void {
    const own = this.#own;
    this.#own = undefined;
    if (own !== undefined) this.map.removeIf(turnKey, own, ownCall).catch(() => undefined);
  }

  close(): void {
    this.#pauses.endForGood();
  }

  async #ask(): Promise<void> {
    const own = this.names.next();
    this.#own = own;
    const taken = await this.map.insert(turnKey, own, { ...ownCall, ttlInMs: turnInMs }).catch(() => undefined);
    if (taken !== undefined) this.#own = undefined;
  }
}
