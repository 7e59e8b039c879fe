import { codeOf, HamokError, reasonOf } from '../errors.js';
import type { EmitterState } from './emitter-state.js';
import type { LocalEvent, LocalListeners } from './local-listeners.js';

export interface SubscriptionRenewalOptions {
  /** Subscribes this member, however long that takes. */
  readonly subscribe: (event: string, metaData: Uint8Array | undefined) => Promise<void>;
  readonly missed: (event: string, count: number | undefined) => void;
  readonly onError: (error: HamokError) => void;
}

/** Keeps the listeners of this member subscribed when its state is replaced by another, and says what they missed. */
export class SubscriptionRenewal {
  constructor(
    private readonly listeners: LocalListeners,
    private readonly options: SubscriptionRenewalOptions,
  ) {}

  /** `self` is this member as the new state names it; `wasSelf` as the old one did. */
  replaced(before: EmitterState | undefined, wasSelf: string, after: EmitterState | undefined, self: string): void {
    for (const [event, local] of [...this.listeners.entries()]) {
      if (local.active.length === 0) continue;
      const subscription = after?.subscribers(event).get(self);
      if (after === undefined || subscription === undefined) {
        if (local.renewing) continue;
        void this.#renew(event, local);
        this.options.missed(event, undefined);
        continue;
      }
      local.metaData = subscription.metaData;
      // Who was not subscribed misses nothing, or has been told of it, up to where the subscription begins.
      const from = before?.subscribers(event).has(wasSelf) === true ? before.published(event) : subscription.since;
      const count = after.published(event) - from;
      // Where it ended in between and began anew, nobody knows how many came before the end.
      if (count > 0) this.options.missed(event, subscription.since <= from ? count : undefined);
    }
  }

  async #renew(event: string, local: LocalEvent): Promise<void> {
    local.renewing = true;
    try {
      while (local.listeners.length > 0 && !(await this.#subscribed(event, local)));
    } finally {
      local.renewing = false;
    }
  }

  /** False when it has to be tried again: the session ended, and another will begin. */
  async #subscribed(event: string, local: LocalEvent): Promise<boolean> {
    try {
      await this.options.subscribe(event, local.metaData);
      return true;
    } catch (error) {
      if (codeOf(error) === 'indeterminate' || reasonOf(error) === 'session-closed') return false;
      if (error instanceof HamokError && error.code !== 'closed') this.options.onError(error);
      return true;
    }
  }
}
