import { MemorySnapshotStore, type SnapshotMeta, type StoredSnapshot } from '../../src/index.js';
import type { TestMember } from './test-grid.js';

/** What a member holds, as a file would. */
export async function exported({ node }: TestMember): Promise<StoredSnapshot> {
  const { meta, state } = node.export();
  return stored(meta, state);
}

export async function stored(meta: SnapshotMeta, state: AsyncIterable<Uint8Array>): Promise<StoredSnapshot> {
  const writer = new MemorySnapshotStore().create(meta);
  for await (const chunk of state) await writer.append(chunk);
  return writer.complete();
}
