import type { RaftCore, SnapshotOffset } from '@hamok/raft';
import { bytes, type Node, type Snapshot, text } from '../core/grid.js';
import { describeConfiguration } from './describe.js';

type Print = (line: string) => void;

/** What a driver does about snapshots: it saves them, sends them in chunks, and restores from them. */
export class Snapshots {
  chunkLength = 4;
  /** Nodes that take their time to restore. */
  readonly held = new Set<string>();
  readonly #saved = new Map<string, Snapshot>();
  /** The commands that a node held when it was restored. */
  readonly #restored = new Map<string, { readonly index: number; readonly commands: string[] }>();

  /** Saves the state as of an applied index, and forgets the log up to there. */
  compact(node: Node, index: number): void {
    const { log } = node.core;
    const entry = log.get(index);
    if (!entry) throw new RangeError(`${node.id} does not hold ${index}`);
    const position = { index, term: entry.term, time: entry.time };
    const data = bytes(this.#commandsOf(node, index).join(','));
    this.#saved.set(node.id, { position, configuration: log.configurationAt(index), data });
    node.core.compact(index);
  }

  /** Serves what a node's core asked for. */
  serve(node: Node, now: number, print: Print): void {
    for (const follower of node.snapshotsWanted.splice(0)) {
      print(`${node.id}: ${follower} is to get a snapshot`);
      this.send(node.core, follower, 0, now);
    }
    for (const { from, index, offset } of node.snapshotOffsets.splice(0))
      this.#continue(node.core, { from, index, offset }, now);
    if (!this.held.has(node.id)) this.restore(node, now, print);
  }

  send(core: RaftCore, to: string, offset: number, now: number): void {
    const snapshot = this.#saved.get(core.self);
    if (!snapshot) throw new RangeError(`${core.self} has no snapshot`);
    const { position, configuration, data } = snapshot;
    const end = Math.min(data.byteLength, offset + this.chunkLength);
    const chunk = { position, configuration, offset, data: data.subarray(offset, end), done: end === data.byteLength };
    core.sendSnapshotChunk(to, chunk, now);
  }

  /** Restores a node from the chunks that it took, if they are complete. */
  restore(node: Node, now: number, print: Print): void {
    const last = node.chunks[node.chunks.length - 1];
    if (!last?.done) return;
    const first = node.chunks.map(({ offset }) => offset).lastIndexOf(0);
    const commands = node.chunks
      .splice(0)
      .slice(first)
      .map(({ data }) => text(data))
      .join('');
    const { position, configuration } = last;
    this.#restored.set(node.id, { index: position.index, commands: commands.split(',') });
    node.applied.length = 0;
    print(
      `${node.id}: restores ${position.index}/${position.term} '${commands}' ${describeConfiguration(configuration)}`,
    );
    node.core.snapshotInstalled(position, configuration, now);
  }

  #continue(core: RaftCore, { from, index, offset }: SnapshotOffset, now: number): void {
    const snapshot = this.#saved.get(core.self);
    if (snapshot?.position.index === index && offset < snapshot.data.byteLength) this.send(core, from, offset, now);
  }

  #commandsOf(node: Node, index: number): string[] {
    const applied = node.applied.filter((entry) => entry.kind === 'command' && entry.index <= index);
    return [...(this.#restored.get(node.id)?.commands ?? []), ...applied.map(({ data }) => text(data))];
  }
}
