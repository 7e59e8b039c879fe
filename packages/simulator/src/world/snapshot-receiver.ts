import type { SnapshotChunk } from '@hamok/raft';
import type { Member } from './member.js';
import { decodeDigest } from './snapshot.js';

/** Collects the chunks that the core took, and restores the state machine when the last one is here. */
export class SnapshotReceiver {
  #chunks: Uint8Array[] = [];
  isInstalling = false;

  constructor(readonly member: Member) {}

  take({ position, configuration, offset, data, done }: SnapshotChunk): void {
    if (offset === 0) this.#chunks = [];
    this.#chunks.push(data);
    if (!done) return;
    this.isInstalling = true;
    this.member.cluster.note(() => `${this.member.id} begins to restore the snapshot of ${position.index}`);
    const bytes = Uint8Array.from(this.#chunks.flatMap((chunk) => [...chunk]));
    const { cluster, disk } = this.member;
    const install = this.member.later((core) => {
      this.isInstalling = false;
      if (cluster.random.chance(cluster.snapshotFailures)) {
        cluster.note(() => `${this.member.id} fails to restore it`);
        return core.snapshotFailed();
      }
      const snapshot = { position, configuration, digest: decodeDigest(bytes, position, cluster.plan.snapshotLength) };
      this.isInstalling = true;
      const installed = this.member.later((restored, now) => {
        this.isInstalling = false;
        this.member.machine.restore(snapshot);
        cluster.restored(this.member, snapshot);
        restored.snapshotInstalled(position, configuration, now);
        cluster.compacted(this.member, position.index);
      });
      disk.write({ snapshot, done: installed });
    });
    cluster.queue.after(cluster.random.between(0, cluster.plan.maxInstallTime), install);
  }

  reset(): void {
    this.#chunks = [];
    this.isInstalling = false;
  }
}
