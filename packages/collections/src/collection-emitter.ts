import { EventEmitter } from 'eventemitter3';

/** The emitter of collections, with what programs call on every emitter of Node.js that they get. */
export class CollectionEmitter<E extends EventEmitter.ValidEventTypes> extends EventEmitter<E> {
  /** Does nothing: any number may listen. */
  setMaxListeners(_count: number): this {
    return this;
  }

  getMaxListeners(): number {
    return Number.POSITIVE_INFINITY;
  }
}
