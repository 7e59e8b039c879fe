import type { SnapshotMeta, SnapshotStore, StoredSnapshot } from '../src/index.js';

export function metaAt(index: number): SnapshotMeta {
  return {
    gridId: 'g',
    position: { index, term: 3, time: 5000 + index },
    configuration: { voters: ['a@1', 'b@2'], learners: ['ü@3'], mostVoters: 5 },
  };
}

/** Bytes that differ from place to place. */
export function stateOf(length: number, seed = 1): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * seed + (i >>> 8) * 7) & 0xff);
}

export async function keep(store: SnapshotStore, index: number, state: Uint8Array): Promise<StoredSnapshot> {
  const writer = store.create(metaAt(index));
  for (let at = 0; at < state.byteLength; at += 100_000) await writer.append(state.subarray(at, at + 100_000));
  return writer.complete();
}

export async function contentOf(snapshot: StoredSnapshot | undefined, pieceSize = 70_000): Promise<Uint8Array> {
  const { size = 0 } = snapshot ?? {};
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at += pieceSize) bytes.set((await snapshot?.read(at, pieceSize)) ?? [], at);
  return bytes;
}

/** Much faster than `toEqual` for what is long. */
export function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
