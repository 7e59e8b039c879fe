import { type Consensus, type EngineStatus, NotCommittedError, type StateMachine, type Wait } from '@hamok/collections';
import { engineConformance } from '@hamok/collections/testing';
import { HamokMessage, MessageProtocol, MessageType } from '@hamok/messages';
import { RaftNode } from '@hamok/raft';
import { MemoryNetwork } from '@hamok/transport/memory';
import { describe, expect, it } from 'vitest';
import { RaftConsensus } from '../src/index.js';
import { seeded, VirtualTime } from './support/virtual-time.js';

const protocol = MessageProtocol.STORAGE_COMMUNICATION_PROTOCOL;
const type = MessageType.NO_OP_REQUEST;

const wrap = (command: Uint8Array) => new HamokMessage({ protocol, type, values: [command] }).toBinary();
const unwrap = (command: Uint8Array) => HamokMessage.fromBinary(command).values[0] ?? new Uint8Array(0);

/** The suite proposes bytes of its own; this engine wants commands. */
class Wrapping implements Consensus {
  constructor(private readonly engine: RaftConsensus) {}

  get self(): string {
    return this.engine.self;
  }

  start(machine: StateMachine): Promise<void> {
    return this.engine.start({
      admit: (from, command) => machine.admit(from, unwrap(command)),
      apply: ({ index, time, command }) => machine.apply({ index, time, command: unwrap(command) }),
      membersChanged: (change) => machine.membersChanged(change),
      snapshot: () => machine.snapshot(),
      restore: (origin, data) => machine.restore(origin, data),
      leading: (term) => machine.leading(term),
      receive: (from, frame) => machine.receive(from, frame),
    });
  }

  propose(command: Uint8Array, wait?: Wait): Promise<number> {
    return this.engine.propose(wrap(command), wait);
  }

  barrier(wait?: Wait): Promise<number> {
    return this.engine.barrier(wait);
  }

  send(to: string, frame: Uint8Array): boolean {
    return this.engine.send(to, frame);
  }

  status(): EngineStatus {
    return this.engine.status();
  }

  stop(): Promise<void> {
    return this.engine.stop({ leave: false });
  }
}

engineConformance({ describe, it }, async (count) => {
  const clock = new VirtualTime();
  const random = seeded(1);
  const network = new MemoryNetwork({ clock, random });
  const ids = ['a', 'b', 'c'].slice(0, count);
  // Snapshots come often, so that one who lagged is sent one.
  const snapshotPolicy = { entries: 20, keepEntries: 0 };
  const create = (id: string) =>
    new RaftConsensus(
      (stateMachine) =>
        new RaftNode({ id, peers: ids, transport: network.transport(), stateMachine, clock, random, snapshotPolicy }),
    );
  const raft = ids.map(create);
  const last = raft.at(-1);
  return {
    engines: raft.map((engine) => new Wrapping(engine)),
    ready: () => clock.until(() => raft.every((engine) => engine.node?.joined)),
    catchUpBySnapshot: async (propose) => {
      const id = ids.at(-1) ?? '';
      const leader = () => raft.some((engine) => engine !== last && engine.node?.state === 'leader');
      network.partition([id]);
      await clock.until(leader);
      for (let i = 0; i < 50; i++) await propose();
      network.heal();
      await clock.until(() => (last?.node?.report().counters.snapshotsInstalled ?? 0) > 0);
    },
    close: async () => {
      await Promise.all(raft.map((engine) => engine.stop({ leave: false })));
      clock.stop();
    },
  };
});

describe('the engine', () => {
  it('rejects with the errors of the collections, whether it runs or not', async () => {
    const clock = new VirtualTime();
    const network = new MemoryNetwork({ clock });
    const engine = new RaftConsensus(
      (stateMachine) =>
        new RaftNode({ id: 'a', peers: ['a'], transport: network.transport(), stateMachine, clock, random: seeded(1) }),
    );
    const proposed = () => engine.propose(wrap(Uint8Array.of(1))).catch((error: unknown) => error);
    const machine: StateMachine = {
      admit: () => 'no',
      apply() {},
      membersChanged() {},
      async *snapshot() {},
      async restore() {},
      leading() {},
      receive() {},
    };
    const expectReason = async (reason: string) => {
      const error = await proposed();
      expect(error).toBeInstanceOf(NotCommittedError);
      expect(error).toMatchObject({ reason });
    };
    await expectReason('not-running');
    await engine.start(machine);
    await clock.until(() => engine.node?.state === 'leader');
    await expectReason('no');
    await engine.stop();
    await expectReason('not-running');
    clock.stop();
  });
});
