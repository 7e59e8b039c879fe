import { bytesOf } from '../bytes/byte-string.js';
import type { Timed } from './deadlines.js';

/** What a key holds, as of one write. Never changed: the next write makes another. */
export interface MapVersion {
  readonly value: Uint8Array;
  /** The index of the command that wrote it. */
  readonly revision: number;
}

/** A key's place in the map, from its insertion to its removal. */
export class MapSlot {
  /** Only where the entry has an end. */
  expiry: SlotExpiry | undefined;

  constructor(
    /** The key's bytes as a string: the one that the map has it by, so that it is held once. */
    readonly place: string,
    /** Undefined once the key was removed: whoever still holds the slot learns it here. */
    public current: MapVersion | undefined,
  ) {}

  get key(): Uint8Array {
    return bytesOf(this.place);
  }
}

/** When the entry of a slot ends. */
export class SlotExpiry implements Timed {
  deadline = Number.POSITIVE_INFINITY;
  place = -1;

  constructor(readonly slot: MapSlot) {}
}

/** What a command did to one key, or to all. `revision` is the index of the command. */
export type MapChange = { readonly revision: number } & (
  | { readonly type: 'insert'; readonly slot: MapSlot; readonly after: MapVersion }
  | { readonly type: 'update'; readonly slot: MapSlot; readonly before: MapVersion; readonly after: MapVersion }
  | { readonly type: 'remove' | 'expire'; readonly slot: MapSlot; readonly before: MapVersion }
  | { readonly type: 'clear' }
);

export type MapObserver = (change: MapChange) => void;
