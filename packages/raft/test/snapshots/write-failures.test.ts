import { expect, it } from 'vitest';
import { MemorySnapshotStore, type SnapshotMeta, type SnapshotWriter } from '../../src/index.js';
import { Pace } from '../../src/snapshots/pace.js';
import { writeSnapshot } from '../../src/snapshots/transcribe.js';
import { bytes } from '../support/test-grid.js';
import { VirtualClock } from '../support/virtual-clock.js';

/** A disk that is full, and from which nothing can be removed either. */
class FullStore extends MemorySnapshotStore {
  override create(meta: SnapshotMeta): SnapshotWriter {
    return {
      ...super.create(meta),
      complete: () => Promise.reject(new Error('no space left on device')),
      abort: () => Promise.reject(new Error('read-only file system')),
    };
  }
}

it('a snapshot that can be neither kept nor dropped fails by why it could not be kept', async () => {
  const meta = {
    gridId: 'g',
    position: { index: 1, term: 1, time: 0 },
    configuration: { voters: ['a@1'], learners: [] },
  };
  const state = async function* (): AsyncGenerator<Uint8Array> {
    yield bytes('state');
  };
  const written = writeSnapshot(new FullStore(), meta, state(), new Pace(new VirtualClock()));
  await expect(written).rejects.toThrow('no space left on device');
});
