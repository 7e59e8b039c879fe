import {
  type Configuration,
  type Entry,
  type EntryEncoder,
  type LogPosition,
  type Message,
  RaftCore,
  type RaftCoreOptions,
  type ReadState,
  type Ready,
  type SnapshotChunk,
  type SnapshotOffset,
} from '@hamok/raft';

const textEncoder = new TextEncoder();
const textDecoder = new TextDecoder();

/** Bytes that read as what they mean. */
export const encoder: EntryEncoder = {
  noOp: new Uint8Array(0),
  configuration: ({ voters, learners }) => textEncoder.encode(`${voters.join('+')}/${learners.join('+')}`),
};

export const bytes = (text: string): Uint8Array => textEncoder.encode(text);
export const text = (data: Uint8Array): string => textDecoder.decode(data);

/** A command entry. */
export function entry(index: number, term: number, data = `${index}.${term}`): Entry {
  return { index, term, time: 0, kind: 'command', data: bytes(data) };
}

/** A log of the given terms from an index on. */
export function entries(terms: readonly number[], from = 0): Entry[] {
  return terms.map((term, i) => entry(from + i, term));
}

/** A core with everything that a test does not care about. Draws no randomness unless told: waits last 1.5 idle times. */
export function newCore(options: Partial<RaftCoreOptions> & Pick<RaftCoreOptions, 'self' | 'configuration'>): RaftCore {
  return new RaftCore({ random: () => 0.5, encoder, now: 0, ...options });
}

export interface Snapshot {
  readonly position: LogPosition;
  readonly configuration: Configuration;
  readonly data: Uint8Array;
}

/** A core and the plainest driver: it persists at once, unless the test holds its disk. */
export class Node {
  readonly applied: Entry[] = [];
  readonly reads: ReadState[] = [];
  readonly snapshotsWanted: string[] = [];
  readonly snapshotOffsets: SnapshotOffset[] = [];
  readonly chunks: SnapshotChunk[] = [];
  /** While true, what has to be durable waits in `writes`. */
  diskHeld = false;
  readonly writes: Ready[] = [];

  constructor(
    readonly core: RaftCore,
    readonly send: (message: Message) => void,
    readonly now: () => number,
  ) {}

  get id(): string {
    return this.core.self;
  }

  /** Carries out what the core asks for. */
  run(): void {
    for (let ready = this.core.ready(); ready; ready = this.core.ready()) {
      for (const message of ready.messages) this.send(message);
      this.writes.push(ready);
      if (!this.diskHeld) this.#flush();
      this.chunks.push(...ready.snapshotChunks);
      this.applied.push(...ready.committed);
      const last = ready.committed[ready.committed.length - 1];
      if (last) this.core.applied(last.index);
      this.reads.push(...ready.reads);
      this.snapshotsWanted.push(...ready.snapshotsWanted);
      this.snapshotOffsets.push(...ready.snapshotOffsets);
    }
  }

  /** Makes durable what waited. */
  releaseDisk(): void {
    this.diskHeld = false;
    this.#flush();
    this.run();
  }

  #flush(): void {
    for (const { entries, messagesAfterPersist } of this.writes.splice(0)) {
      for (const message of messagesAfterPersist) this.send(message);
      const last = entries[entries.length - 1];
      if (last) this.core.persisted(last.index, last.term, this.now());
    }
  }
}

/** Several nodes, and the messages between them, which flow only when the test says so. */
export class Grid {
  now = 0;
  readonly nodes = new Map<string, Node>();
  /** On their way, oldest first. */
  pending: Message[] = [];
  /** Decides which messages get through. */
  carries: (message: Message) => boolean = () => true;

  static of(...voters: string[]): Grid {
    const grid = new Grid();
    for (const self of voters) grid.add({ self, configuration: { voters, learners: [] } });
    return grid;
  }

  add(options: Partial<RaftCoreOptions> & Pick<RaftCoreOptions, 'self' | 'configuration'>): Node {
    const node = new Node(
      newCore({ now: this.now, ...options }),
      (message) => this.pending.push(message),
      () => this.now,
    );
    this.nodes.set(node.id, node);
    return node;
  }

  node(id: string): Node {
    const node = this.nodes.get(id);
    if (!node) throw new RangeError(`no node ${id}`);
    return node;
  }

  core(id: string): RaftCore {
    return this.node(id).core;
  }

  /** Does something with one core, and carries out what follows from it. */
  do<T>(id: string, action: (core: RaftCore, now: number) => T): T {
    const result = action(this.core(id), this.now);
    this.node(id).run();
    return result;
  }

  /** Delivers the messages that are on their way now, not what they cause. */
  deliver(): void {
    for (const message of this.pending.splice(0)) {
      if (this.carries(message) && this.nodes.has(message.to))
        this.do(message.to, (core, now) => core.step(message, now));
    }
  }

  /** Delivers until all is silent. */
  stabilize(): void {
    for (let rounds = 0; this.pending.length > 0; rounds++) {
      if (rounds > 1000) throw new Error('the grid does not come to rest');
      this.deliver();
    }
  }

  /** Takes the messages on their way off the network. */
  take(): Message[] {
    return this.pending.splice(0);
  }

  campaign(id: string): void {
    this.do(id, (core, now) => core.campaign(now));
  }

  /** Makes it the leader of a grid at rest. */
  elect(id: string): void {
    this.campaign(id);
    this.stabilize();
    if (this.core(id).role !== 'leader') throw new Error(`${id} is ${this.core(id).role}`);
  }

  propose(id: string, data: string): number | string {
    return this.do(id, (core, now) => core.propose(bytes(data), now));
  }

  /** Lets time pass for everyone, in steps of a heartbeat, delivering nothing. */
  tick(ms: number, ...ids: string[]): void {
    this.now += ms;
    for (const id of ids.length > 0 ? ids : this.nodes.keys()) this.do(id, (core, now) => core.tick(now));
  }

  /** Everyone but these is out of reach of these. */
  isolate(...ids: string[]): void {
    this.carries = ({ from, to }) => ids.includes(from) === ids.includes(to);
  }

  heal(): void {
    this.carries = () => true;
  }
}
