import { isObject } from '../arguments.js';
import { BadSnapshotError } from '../errors.js';
import type { HamokEmitterSnapshot } from './emitter-options.js';

/** One subscription of a snapshot. */
export interface SavedSubscription {
  readonly event: string;
  readonly peerId: string;
  readonly metaData: unknown;
}

/** @throws BadSnapshotError for what is not an emitter's snapshot */
export function fromEmitterSnapshot(snapshot: HamokEmitterSnapshot): SavedSubscription[] {
  if (!isObject(snapshot)) throw new BadSnapshotError('not an emitter');
  const saved: SavedSubscription[] = [];
  for (const { event, subscribers } of listOf<HamokEmitterSnapshot['subscriptions'][number]>(snapshot.subscriptions)) {
    for (const { peerId, metaData } of listOf<{ peerId: string; metaData: unknown }>(subscribers)) {
      if (typeof event !== 'string' || typeof peerId !== 'string')
        throw new BadSnapshotError('a subscription without an event or a peer');
      saved.push({ event, peerId, metaData });
    }
  }
  return saved;
}

/** What a program read from JSON has the declared type only by its word. */
function listOf<T>(value: unknown): readonly T[] {
  if (!Array.isArray(value) || value.some((item) => typeof item !== 'object' || item === null))
    throw new BadSnapshotError('not the subscriptions of an emitter');
  return value;
}
