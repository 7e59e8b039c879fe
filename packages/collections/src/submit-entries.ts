import { MessageType } from '@hamok/messages';
import { batches, sizeOfEntry } from './map/batches.js';
import type { EncodedEntry } from './map/map-snapshot.js';
import type { SubmitOptions } from './session/call.js';
import type { StorageClient } from './storage-client.js';

/** Writes encoded entries, in as many commands as their size takes. Submitted when it returns, done when it resolves. */
export async function submitEntries(
  client: StorageClient,
  type: MessageType,
  entries: readonly EncodedEntry[],
  options?: SubmitOptions,
): Promise<void> {
  const submitted = batches(entries, sizeOfEntry, { bytes: client.batchBytes, items: Number.POSITIVE_INFINITY }).map(
    (batch) => {
      const command = () => ({ type, keys: batch.map(([key]) => key), values: batch.map(([, value]) => value) });
      return client.submit(command, (result) => void client.accept(result), options);
    },
  );
  await Promise.all(submitted);
}

/** Makes the grid know the storage and its initial content: submitted before the caller's next call, so applied before it. */
export async function openWith(client: StorageClient, initial: readonly EncodedEntry[]): Promise<void> {
  const options = { timeoutInMs: Number.POSITIVE_INFINITY, reserved: true };
  const opened = client.open();
  await Promise.all([opened, submitEntries(client, MessageType.INSERT_ENTRIES_REQUEST, initial, options)]);
}
