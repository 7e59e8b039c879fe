import type { Base } from '../bootstrap/base.js';
import { type Configuration, membersOf } from '../core/configuration.js';
import type { SnapshotMeta, SnapshotStore, StoredSnapshot } from '../ports/snapshot-store.js';
import type { StateMachine } from '../ports/state-machine.js';
import type { Pace } from './pace.js';
import { StateDigest } from './state-digest.js';

/** Keeps what a state machine gives of itself. Resolves when it is stored; what was written of one that fails is dropped. */
export async function writeSnapshot(
  store: SnapshotStore,
  meta: SnapshotMeta,
  chunks: AsyncIterable<Uint8Array>,
  pace: Pace,
): Promise<StoredSnapshot> {
  const writer = store.create(meta);
  try {
    for await (const chunk of chunks) {
      await writer.append(chunk);
      await pace.after(chunk.byteLength);
    }
    return await writer.complete();
  } catch (error) {
    await writer.abort().catch(() => undefined);
    throw error;
  }
}

/** Puts a state machine in the state of a snapshot. */
export async function restoreFrom(snapshot: StoredSnapshot, machine: StateMachine, pace: Pace): Promise<void> {
  if (!machine.restore) throw new TypeError('the state machine cannot restore a snapshot');
  const { position, configuration } = snapshot.meta;
  const { index, time } = position;
  await machine.restore({ index, time, members: membersOf(configuration) }, chunksOf(snapshot, pace));
}

/** Passes a state on, and says in the end what its digest is. */
export async function* digesting(
  chunks: AsyncIterable<Uint8Array>,
  configuration: Configuration,
  pace: Pace,
  digested: (digest: string) => void,
): AsyncGenerator<Uint8Array> {
  const digest = new StateDigest();
  for await (const chunk of chunks) {
    await digest.add(chunk);
    yield chunk;
    await pace.after(chunk.byteLength);
  }
  digested(await digest.end(configuration));
}

/** What a stored state is to those who have not got it. */
export async function baseOf(snapshot: StoredSnapshot, pace: Pace): Promise<Base> {
  const { gridId, position, configuration } = snapshot.meta;
  const digest = new StateDigest();
  for await (const chunk of chunksOf(snapshot, pace)) await digest.add(chunk);
  return { gridId, position, digest: await digest.end(configuration) };
}

const readSize = 64 * 1024;

async function* chunksOf(snapshot: StoredSnapshot, pace: Pace): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < snapshot.size; ) {
    const chunk = await snapshot.read(offset, readSize);
    if (chunk.byteLength === 0) return;
    offset += chunk.byteLength;
    yield chunk;
    await pace.after(chunk.byteLength);
  }
}
