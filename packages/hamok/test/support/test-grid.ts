import { type LinkFaults, MemoryNetwork } from '@hamok/transport/memory';
import { Hamok, type HamokConfig } from '../../src/index.js';
import { seeded, VirtualTime } from './virtual-time.js';

/** Members in one process on virtual time, over a network whose faults a test decides. */
export class TestGrid {
  readonly time = new VirtualTime();
  readonly random: () => number;
  readonly network: MemoryNetwork;
  readonly members: Hamok[] = [];
  readonly errors: Error[] = [];

  constructor({ seed = 1, faults = {} }: { readonly seed?: number; readonly faults?: LinkFaults } = {}) {
    this.random = seeded(seed);
    this.network = new MemoryNetwork({ clock: this.time, random: this.random, faults, overwriteDelivered: true });
  }

  member(peerId: string, config: Partial<HamokConfig> = {}): Hamok {
    const transport = () => this.network.transport();
    const member = new Hamok({ peerId, transport, clock: this.time, random: this.random, ...config });
    member.on('error', (error) => this.errors.push(error));
    this.members.push(member);
    return member;
  }

  /** Members of a static grid. */
  list(peers: readonly string[], config: Partial<HamokConfig> = {}): Hamok[] {
    return peers.map((peerId) => this.member(peerId, { peers, ...config }));
  }

  async joined(peers: readonly string[], config: Partial<HamokConfig> = {}): Promise<Hamok[]> {
    const members = this.list(peers, config);
    await Promise.all(members.map((member) => member.join()));
    return members;
  }

  /** As a process that dies: nobody is told. */
  async kill(member: Hamok): Promise<void> {
    this.members.splice(this.members.indexOf(member), 1);
    await member.close({ leave: false });
  }

  /** The member that all of these agree to be led by. */
  async leader(among: readonly Hamok[] = this.members): Promise<Hamok> {
    const agreed = () =>
      among.find(({ leader, localPeerId }) => leader && among.every(({ leaderId }) => leaderId === localPeerId));
    await this.time.until(() => agreed() !== undefined);
    const leader = agreed();
    if (leader === undefined) throw new Error('no leader');
    return leader;
  }

  async settled(among: readonly Hamok[] = this.members): Promise<void> {
    await Promise.all(among.map((member) => member.waitUntilCommitHead({ timeoutInMs: 30_000 })));
  }

  async close(): Promise<void> {
    await Promise.all(this.members.map((member) => member.close({ leave: false })));
    this.time.stop();
  }
}

export function other(members: readonly Hamok[], than: Hamok): Hamok {
  const found = members.find((member) => member !== than);
  if (found === undefined) throw new Error('there is no other');
  return found;
}
