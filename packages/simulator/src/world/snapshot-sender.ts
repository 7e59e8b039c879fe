import { incarnationOf, type MemberId } from '@hamok/raft';
import type { Member } from './member.js';
import { encodeSnapshot, type Snapshot } from './snapshot.js';

interface Transfer {
  readonly snapshot: Snapshot;
  readonly data: Uint8Array;
  offset: number;
}

const retryAfter = 250;

/** A leader's way to bring snapshots to followers: chunk by chunk, each asked for by the follower, repeated when lost. */
export class SnapshotSender {
  readonly #transfers = new Map<MemberId, Transfer>();

  constructor(readonly member: Member) {}

  begin(to: MemberId): void {
    const { cluster, disk, id } = this.member;
    const { snapshot } = disk;
    const copy = incarnationOf(id);
    const transfer = { snapshot, data: encodeSnapshot(snapshot, cluster.plan.snapshotLength, copy), offset: 0 };
    cluster.effects.add('snapshots sent');
    this.#transfers.set(to, transfer);
    this.#send(to, transfer);
    this.#retry(to, transfer);
  }

  continue(to: MemberId, index: number, offset: number): void {
    const transfer = this.#transfers.get(to);
    // What was answered twice is not sent twice.
    if (!transfer || transfer.snapshot.position.index !== index || offset <= transfer.offset) return;
    transfer.offset = offset;
    if (offset < transfer.data.byteLength) this.#send(to, transfer);
  }

  reset(): void {
    this.#transfers.clear();
  }

  #send(to: MemberId, { snapshot, data, offset }: Transfer): void {
    const { chunkLength } = this.member.cluster.plan;
    const start = Math.min(offset, data.byteLength - chunkLength);
    const end = start + chunkLength;
    const { position, configuration } = snapshot;
    const done = end === data.byteLength;
    this.member.act((core, now) => {
      core.sendSnapshotChunk(
        to,
        { position, configuration, offset: start, data: data.subarray(start, end), done },
        now,
      );
    });
  }

  #retry(to: MemberId, transfer: Transfer): void {
    const again = this.member.later((core) => {
      if (this.#transfers.get(to) !== transfer) return;
      if (core.progress.get(to)?.state === 'snapshot') {
        transfer.offset = 0;
        this.#send(to, transfer);
        this.#retry(to, transfer);
      } else {
        this.#transfers.delete(to);
      }
    });
    this.member.cluster.queue.after(retryAfter, again);
  }
}
