import type { CollectionOptions } from '../collection.js';
import type { CommandInit } from '../replicated/command.js';
import type { CallOptions } from '../session/call.js';
import type { Accepted } from '../storage-client.js';
import { batches, inParts, sizeOfEntry } from './batches.js';
import type { BatchOptions } from './map-options.js';
import type { EncodedEntry } from './map-snapshot.js';

/** A key of a batch, and what of it is in the command: where only keys are, an empty value that is not sent. */
export interface BatchItem<K> {
  readonly key: K;
  readonly encoded: EncodedEntry;
}

/** A change of many keys. */
export interface Batch<K, R> {
  /** The command without its keys and values. Like `items`, called once; what they throw, the promise rejects with. */
  readonly command: () => CommandInit;
  readonly withValues: boolean;
  readonly items: () => BatchItem<K>[];
  readonly read: (items: readonly BatchItem<K>[], result: Accepted) => R;
  readonly merge: (results: readonly R[]) => R;
}

/** Who makes changes, and knows how large one may be. */
export interface BatchClient {
  readonly batchBytes: number;
  /** @throws TooLargeError */
  requireSize(command: CommandInit): void;
  change<T>(command: () => CommandInit, read: (result: Accepted) => T, options?: CallOptions): Promise<T>;
}

/** Submits a batch as one command, or as several where it need not be atomic. It is encoded, and submitted so far as there is room, when this returns. */
export async function submitBatch<K, R>(
  client: BatchClient,
  limits: CollectionOptions,
  batch: Batch<K, R>,
  options: BatchOptions | undefined,
): Promise<R> {
  const { withValues, read } = batch;
  const command = batch.command();
  const commandOf = (part: readonly BatchItem<K>[]): CommandInit => {
    const keys = part.map(({ encoded }) => encoded[0]);
    return withValues ? { ...command, keys, values: part.map(({ encoded }) => encoded[1]) } : { ...command, keys };
  };
  const submit = (part: readonly BatchItem<K>[]): Promise<R> => {
    const init = commandOf(part);
    return client.change(
      () => init,
      (result) => read(part, result),
      options,
    );
  };
  const items = batch.items();
  if (items.length === 0) return batch.merge([]);
  if (options?.atomic !== false) return submit(items);
  const { maxOutboundMessageKeys = unlimited, maxOutboundMessageValues = unlimited } = limits;
  const most = withValues ? Math.min(maxOutboundMessageKeys, maxOutboundMessageValues) : maxOutboundMessageKeys;
  const parts = batches(items, sizeOfItem, { bytes: client.batchBytes, items: Math.max(1, most) });
  // Only what is alone in its part can be above the limit. Then nothing is made of the others either.
  for (const part of parts) if (part.length === 1) client.requireSize(commandOf(part));
  return batch.merge(await inParts(parts, submit));
}

const unlimited = Number.POSITIVE_INFINITY;

function sizeOfItem<K>({ encoded }: BatchItem<K>): number {
  return sizeOfEntry(encoded);
}
