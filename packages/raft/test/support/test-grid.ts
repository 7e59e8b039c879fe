import { MemoryNetwork } from '@hamok/transport/memory';
import { type Committed, RaftNode, type RaftNodeOptions, type StateMachine, unwrapPayload } from '../../src/index.js';
import { VirtualClock } from './virtual-clock.js';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export const bytes = (text: string): Uint8Array => encoder.encode(text);

/** Keeps the texts that were applied, in order; its snapshot is that list. */
export class ListMachine implements StateMachine {
  applied: string[] = [];
  restores = 0;

  apply({ data }: Committed): number {
    return this.applied.push(decoder.decode(unwrapPayload(data)));
  }

  snapshot(): AsyncIterable<Uint8Array> {
    const cut = encoder.encode(JSON.stringify(this.applied));
    return (async function* () {
      for (let at = 0; at < cut.length; at += 100) yield cut.slice(at, at + 100);
    })();
  }

  async restore(_origin: unknown, data: AsyncIterable<Uint8Array>): Promise<void> {
    let text = '';
    for await (const chunk of data) text += decoder.decode(chunk);
    this.applied = text === '' ? [] : JSON.parse(text);
    this.restores++;
  }
}

/** A member that runs under a name of the test's; the id may be shared by several, one after another. */
export interface TestMember {
  readonly node: RaftNode;
  readonly machine: ListMachine;
  readonly errors: (Error & { code?: string })[];
  readonly events: string[];
}

/** Nodes over one network on virtual time. */
export class TestGrid {
  readonly clock = new VirtualClock();
  readonly network: MemoryNetwork;
  readonly members: TestMember[] = [];
  #state: number;

  constructor(seed = 1) {
    this.#state = seed;
    this.network = new MemoryNetwork({
      clock: this.clock,
      random: this.random,
      faults: { minDelayInMs: 1, maxDelayInMs: 3 },
      overwriteDelivered: true,
    });
  }

  random = (): number => {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    return this.#state / 2 ** 32;
  };

  async start(id: string, options: Partial<RaftNodeOptions> = {}): Promise<TestMember> {
    const machine = new ListMachine();
    const node = new RaftNode({
      id,
      transport: this.network.transport(),
      stateMachine: machine,
      clock: this.clock,
      random: this.random,
      ...options,
    });
    const member: TestMember = { node, machine, errors: [], events: [] };
    node.on('error', (error) => member.errors.push(error));
    for (const event of ['leader', 'follower', 'joined', 'rejoining', 'quorum-lost', 'quorum-regained'] as const) {
      node.on(event, () => member.events.push(event));
    }
    this.members.push(member);
    await node.start();
    return member;
  }

  async startAll(ids: readonly string[], options: Partial<RaftNodeOptions> = {}): Promise<TestMember[]> {
    const members: TestMember[] = [];
    for (const id of ids) members.push(await this.start(id, { peers: ids, ...options }));
    return members;
  }

  /** As a process that dies: nobody is told. */
  async kill(member: TestMember): Promise<void> {
    const { node } = member;
    this.members.splice(this.members.indexOf(member), 1);
    await node.stop({ leave: false });
  }

  async until(condition: () => boolean, limitInMs = 30_000): Promise<void> {
    if (!(await this.clock.runUntil(condition, limitInMs))) {
      const reports = this.members.map(({ node, errors }) => ({ ...node.report(), errors: errors.map(String) }));
      throw new Error(`not so after ${limitInMs} ms: ${condition}\n${JSON.stringify(reports, null, 1)}`);
    }
  }

  /** The member that all of these agree to be led by. */
  async leader(among: readonly TestMember[] = this.members): Promise<TestMember> {
    const agreed = (): TestMember | undefined => {
      const leader = among.find(({ node }) => node.state === 'leader');
      return among.every(({ node }) => node.leaderId === leader?.node.id) ? leader : undefined;
    };
    await this.until(() => agreed() !== undefined);
    const leader = agreed();
    if (!leader) throw new Error('no leader');
    return leader;
  }

  /** Awaits a promise while time passes. */
  async settle<T>(promise: Promise<T>, limitInMs = 30_000): Promise<T> {
    let done = false;
    promise.then(
      () => {
        done = true;
      },
      () => {
        done = true;
      },
    );
    await this.until(() => done, limitInMs);
    return promise;
  }

  async propose(member: TestMember, ...texts: string[]): Promise<void> {
    await this.settle(Promise.all(texts.map((text) => member.node.propose(bytes(text)))));
  }

  async stop(): Promise<void> {
    for (const member of [...this.members]) await this.kill(member);
  }
}
