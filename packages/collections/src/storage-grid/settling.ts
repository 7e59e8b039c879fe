import type { DropRequests } from './drop-requests.js';
import type { HeldEntries } from './held-entries.js';
import type { Placement } from './placement.js';
import type { View } from './view.js';
import type { Whereabouts } from './whereabouts.js';

/**
 * What follows when entries were restored here, or given up as nobody has their values any more. What was restored is copied anew to those
 * who keep it now; then the copies of who left are dropped wherever some may be. Until those are gone nobody changes the entry: one
 * that was left could bring back what was deleted since.
 */
export class Settling {
  /** Of which others may still have copies from before. */
  readonly #open = new Set<string>();
  /** Those of them whose new copies are not in their places yet. */
  readonly #spreading = new Set<string>();
  #waiting: (() => void)[] = [];

  constructor(
    private readonly placement: Placement,
    private readonly held: HeldEntries,
    private readonly whereabouts: Whereabouts,
    private readonly drops: DropRequests,
    /** No copies from before are left of some of them. */
    private readonly settled: () => void,
  ) {}

  /** Whether no copies from before are left of what was restored here, or could not be. */
  get isSettled(): boolean {
    return this.#open.size === 0;
  }

  /** Whether it may not be changed yet. */
  has(slot: string): boolean {
    return this.#open.has(slot);
  }

  /** Whether it is restored, and its new copies are not in their places yet. */
  isSpreading(slot: string): boolean {
    return this.#spreading.has(slot);
  }

  /** Resolves when none of these has copies from before any more, or this participation has ended. */
  async ended(slots: readonly string[]): Promise<void> {
    while (slots.some((slot) => this.#open.has(slot)))
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
  }

  viewChanged(view: View): void {
    this.drops.viewChanged(view);
  }

  /** It is held here from now on, and `settle` follows. */
  restored(slot: string): void {
    this.#open.add(slot);
    this.#spreading.add(slot);
  }

  /** Copies what was restored to those who keep it now; then drops what others have of it from before. */
  async settle(restored: readonly string[]): Promise<void> {
    if (restored.length === 0) return;
    try {
      for (let view: View | undefined; view !== this.placement.view; ) {
        view = this.placement.view;
        await this.held.spreadRestored(restored);
      }
    } catch {
      // This participation has ended: others restore it.
      return;
    }
    for (const slot of restored) this.#spreading.delete(slot);
    await this.#dropElsewhere(restored);
    this.#end(restored);
  }

  /** Drops what others have of entries that cannot be restored, or are restored already. */
  async drop(slots: readonly string[]): Promise<void> {
    for (const slot of slots) this.#open.add(slot);
    await this.#dropElsewhere(slots);
    this.#end(slots);
  }

  close(): void {
    this.#end([...this.#open]);
  }

  #end(slots: readonly string[]): void {
    for (const slot of slots) this.#open.delete(slot);
    for (const resolve of this.#waiting.splice(0)) resolve();
    this.settled();
  }

  /** Until whoever may have a copy from before, in the view of then, has none. */
  async #dropElsewhere(slots: readonly string[]): Promise<void> {
    for (let view: View | undefined; view !== this.placement.view; ) {
      view = this.placement.view;
      const known = view;
      await this.drops.ask(slots, (slot) => this.whereabouts.ofDeparted(slot, known));
    }
  }
}
