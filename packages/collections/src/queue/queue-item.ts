/** What was pushed. Never changed: what happens to it makes another. */
export interface QueueItem {
  /** Its place in the order of the queue, whoever held it meanwhile. Below 0 for what was put back at the head. */
  readonly position: number;
  readonly value: Uint8Array;
  /** How often it was given to a taker. */
  readonly deliveries: number;
}

export function precedes(a: QueueItem, b: QueueItem): boolean {
  return a.position < b.position;
}
