import { DamagedSnapshotError } from './errors.js';
import type { SnapshotHeader } from './format.js';
import { type ReadOptions, readSnapshot } from './read-snapshot.js';
import { stateSection } from './store.js';

/** A container with one state, as stores write it. */
export interface SnapshotState {
  readonly header: SnapshotHeader;
  /** To be iterated once. Nothing in it is certain before it has ended, which it does only where the container is whole. */
  readonly state: AsyncIterable<Uint8Array>;
}

/**
 * Reads the header of a container that holds one state, and the state as a stream.
 * @throws {DamagedSnapshotError} {@link NewerSnapshotError} {@link ForeignSnapshotError}, here or where the state is iterated
 */
export async function readState(source: AsyncIterable<Uint8Array>, options?: ReadOptions): Promise<SnapshotState> {
  const parts = readSnapshot(source, options);
  const first = await parts.next();
  if (first.done || first.value.type !== 'header') throw new DamagedSnapshotError(0, 'no header');
  async function* state(): AsyncGenerator<Uint8Array> {
    for await (const part of parts) {
      if (part.type === 'section' && part.name !== stateSection)
        throw new DamagedSnapshotError(0, `a section ${part.name}, where only ${stateSection} is known`);
      if (part.type === 'chunk') yield part.data;
    }
  }
  return { header: first.value.header, state: state() };
}
