import { Fifo } from '../fifo.js';
import type { MapChange } from '../replicated/map-slot.js';

/** Someone who follows the changes. */
export interface MapFollower {
  /** There is more to read. */
  wake(): void;
  /** Changes were made that will never be here. */
  restarted(): void;
  /** Nothing will come any more. */
  end(): void;
}

export interface HistoryLimits {
  readonly changes: number;
  readonly bytes: number;
}

/**
 * The latest changes of a map, kept for those who follow them, each of whom has a position here and nothing else: one that has
 * stopped reading holds nothing. Changes of one revision are let go together, and those of the latest revision never.
 */
export class MapHistory {
  readonly #changes = new Fifo<MapChange>();
  readonly #followers = new Set<MapFollower>();
  #bytes = 0;
  #dropped = 0;

  /** @param complete every change after that revision will be added */
  constructor(
    private readonly limits: HistoryLimits,
    private complete: number,
  ) {}

  /** The lowest revision from which on every change is here. */
  get firstRevision(): number {
    return this.complete + 1;
  }

  /** The position of the next change. */
  get end(): number {
    return this.#dropped + this.#changes.length;
  }

  /** The position of the first change of that revision or a later one. */
  positionOf(revision: number): number {
    let [low, high] = [0, this.#changes.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#changes.at(middle)?.revision ?? 0) < revision) low = middle + 1;
      else high = middle;
    }
    return this.#dropped + low;
  }

  isDropped(position: number): boolean {
    return position < this.#dropped;
  }

  at(position: number): MapChange | undefined {
    return this.#changes.at(position - this.#dropped);
  }

  add(change: MapChange): void {
    this.#changes.push(change);
    this.#bytes += bytesOf(change);
    if (this.#changes.length > this.limits.changes || this.#bytes > this.limits.bytes) this.#trim(change.revision);
    for (const follower of this.#followers) follower.wake();
  }

  /** Begins anew: what happened up to that revision is not known here. */
  restart(complete: number): void {
    this.#dropped += this.#changes.drain().length;
    this.#bytes = 0;
    this.complete = complete;
    for (const follower of [...this.#followers]) follower.restarted();
  }

  follow(follower: MapFollower): void {
    this.#followers.add(follower);
  }

  unfollow(follower: MapFollower): void {
    this.#followers.delete(follower);
  }

  close(): void {
    for (const follower of [...this.#followers]) follower.end();
  }

  #trim(latest: number): void {
    for (let first = this.#changes.at(0); first !== undefined && first.revision < latest; first = this.#changes.at(0)) {
      const isOver = this.#changes.length > this.limits.changes || this.#bytes > this.limits.bytes;
      if (!isOver && first.revision > this.complete) return;
      this.complete = first.revision;
      this.#bytes -= bytesOf(first);
      this.#changes.shift();
      this.#dropped++;
    }
  }
}

function bytesOf(change: MapChange): number {
  if (change.type === 'clear') return 0;
  const before = 'before' in change ? change.before.value.length : 0;
  return change.slot.place.length + before + ('after' in change ? change.after.value.length : 0);
}
