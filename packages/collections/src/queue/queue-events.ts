import type { EventEmitter } from 'eventemitter3';
import { callListeners } from '../call-listeners.js';
import type { HamokError } from '../errors.js';
import type { HamokQueueEvents } from './queue-options.js';
import type { QueueChange } from './queue-state.js';

/** A change that a program can listen to. */
export type QueueEvent = Exclude<QueueChange, { readonly type: 'serve' }>;

/** Tells listeners of a queue what changed in it. Decodes only what someone listens to. */
export class QueueEvents<T> {
  constructor(
    private readonly id: string,
    private readonly emitter: EventEmitter<HamokQueueEvents<T>>,
    private readonly decode: (value: Uint8Array) => T,
    private readonly onError: (error: HamokError) => void,
  ) {}

  tell(change: QueueEvent): void {
    if (this.emitter.listenerCount(change.type) === 0) return;
    callListeners(this.id, change.type, this.onError, () => this.#emit(change));
  }

  #emit(change: QueueEvent): void {
    switch (change.type) {
      case 'add':
      case 'remove':
        this.emitter.emit(change.type, this.decode(change.item.value));
        return;
      case 'dead-letter':
        this.emitter.emit('dead-letter', this.decode(change.item.value), change.item.deliveries);
        return;
      default:
        this.emitter.emit(change.type);
    }
  }
}
