import { MessageType } from '@hamok/messages';
import type { CollectionContext } from '../collection.js';
import { BackupsError, ClosedError, codeOf, IndeterminateError, reasonOf } from '../errors.js';
import { Refusal } from '../replicated/result.js';
import type { StorageState } from '../replicated/storage-state.js';
import type { StorageClient } from '../storage-client.js';
import type { EntryGrid } from './entry-grid.js';
import { ParticipantsState } from './participants-state.js';
import { type Participant, participantId, View } from './view.js';

/**
 * Takes part in a storage whose entries live on its members: joins it through the log, again whenever this member came back as another
 * or lost what it knew, and follows who else does.
 */
export class Participation {
  #state: ParticipantsState | undefined;
  #grid: EntryGrid | undefined;
  #joining = false;
  /** The engine has stopped for good: it joins where that is started again. */
  #suspended = false;
  #closed = false;
  #failure: unknown;
  #waiting: { readonly resolve: (grid: EntryGrid) => void; readonly reject: (error: unknown) => void }[] = [];
  readonly #onChange = (): void => this.#follow(true);
  readonly #detach: () => void;
  readonly #stopListening: () => void;

  constructor(
    private readonly context: CollectionContext,
    private readonly client: StorageClient,
    private readonly backups: number,
    /** Begins with nothing, in the view that this member is in for the first time. */
    private readonly begin: (self: Participant, view: View) => EntryGrid,
    /** Who takes part has changed: the requests of another epoch are void. */
    private readonly changed: () => void,
  ) {
    this.#stopListening = context.channel.listen(client.id, (from, message) => {
      this.#grid?.receive(from, message);
    });
    this.#detach = context.state.observe(client.id, (state) => this.#attach(state));
    // An engine may apply at once, and whoever makes this is not complete yet.
    context.clock.defer(() => this.#join());
  }

  /** While this member takes part. */
  get grid(): EntryGrid | undefined {
    return this.#grid;
  }

  /** Resolves when this member takes part. Rejects with what makes that impossible. */
  joined(): Promise<EntryGrid> {
    if (this.#grid !== undefined) return Promise.resolve(this.#grid);
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
    });
  }

  /** Leaves, for at most so long, and lets go of everything. Never rejects. */
  async close(timeoutInMs: number): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const leave = { type: MessageType.STORAGE_LEAVE_REQUEST };
    const left = this.client.submit(
      () => leave,
      () => undefined,
      { timeoutInMs, reserved: true },
    );
    await left.catch(() => undefined);
    this.#detach();
    this.#stopListening();
    // Another one may have begun here meanwhile.
    if (this.#state?.observer === this.#onChange) this.#state.observer = undefined;
    this.#fail(new ClosedError(`"${this.client.id}"`));
    this.#end(new ClosedError(`"${this.client.id}"`, true));
  }

  #attach(state: StorageState | undefined): void {
    this.#state = state instanceof ParticipantsState && state.kind === this.client.kind ? state : undefined;
    if (this.#state !== undefined) this.#state.observer = this.#onChange;
    if (this.#suspended) this.#join();
    // A snapshot took the place of the state.
    this.#follow(false);
  }

  /** @param isNext whether no change lies between that this member has not seen */
  #follow(isNext: boolean): void {
    const grid = this.#grid;
    if (grid === undefined) return;
    const state = this.#state;
    const { member, since } = grid.self;
    if (state === undefined || this.context.self() !== member || state.participants.get(member) !== since) {
      const closed = this.#closed ? new ClosedError(`"${this.client.id}"`, true) : undefined;
      this.#end(closed ?? new IndeterminateError(`${member} does not take part in "${this.client.id}" any more`));
      this.#join();
    } else if (state.epoch !== grid.view.epoch) {
      grid.follow(View.of(state, grid.view), isNext);
    } else {
      return;
    }
    this.changed();
  }

  #join(): void {
    if (this.#joining || this.#closed) return;
    this.#joining = true;
    this.#suspended = false;
    void this.#joinUntilDone().finally(() => {
      this.#joining = false;
    });
  }

  async #joinUntilDone(): Promise<void> {
    const { backups } = this;
    const join = { type: MessageType.STORAGE_JOIN_REQUEST, backups };
    const options = { timeoutInMs: Number.POSITIVE_INFINITY, reserved: true };
    while (!this.#closed) {
      try {
        await this.client.submit(
          () => join,
          (result) => {
            if (result instanceof Refusal && result.code === 'backups')
              throw new BackupsError(this.client.id, backups, result.found);
            this.client.accept(result);
            this.#joined();
          },
          options,
        );
        // It may have joined within a snapshot that this member took over, or have been removed at once: then it begins anew.
        if (this.#grid !== undefined) return;
      } catch (error) {
        // The session ended, and another will begin: joining again is a new participation.
        if (codeOf(error) === 'indeterminate' || reasonOf(error) === 'session-closed') continue;
        if (error === this.context.session.failure) return this.#suspend(error);
        return this.#fail(error);
      }
    }
  }

  /** In the midst of applying the command that joins: whatever others do in this epoch comes later. */
  #joined(): void {
    const member = this.context.self();
    const since = this.#state?.participants.get(member);
    // Behind a join that comes so late there is a leave.
    if (this.#closed || this.#state === undefined || since === undefined) return;
    this.#end(new IndeterminateError(`${member} takes part anew`));
    const view = View.of(this.#state, undefined);
    const self = view.find(participantId(member, since));
    if (self === undefined) return;
    const grid = this.begin(self, view);
    this.#grid = grid;
    for (const { resolve } of this.#waiting.splice(0)) resolve(grid);
  }

  #end(error: Error): void {
    this.#grid?.close(error);
    this.#grid = undefined;
  }

  #fail(error: unknown): void {
    this.#failure = error;
    this.#refuse(error);
  }

  /** Until the engine is started again. */
  #suspend(error: unknown): void {
    this.#suspended = true;
    this.#refuse(error);
  }

  #refuse(error: unknown): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}
