import { type TcpTransport, tcp } from '@hamok/transport/tcp';
import { afterEach, describe, expect, it } from 'vitest';
import { Hamok } from '../src/index.js';
import { noUnhandledRejections } from './support/unhandled.js';

noUnhandledRejections();

const ids = ['a', 'b', 'c'];
const timing = { followerMaxIdleInMs: 500, heartbeatInMs: 50, electionTimeoutInMs: 1000, requestTimeoutInMs: 20_000 };

let running: { member: Hamok; transport: TcpTransport }[] = [];

afterEach(async () => {
  await Promise.all(running.map(({ member }) => member.close({ leave: false })));
  running = [];
});

async function start(peerId: string): Promise<Hamok> {
  const transport = tcp({ reconnectMinInMs: 10, reconnectMaxInMs: 50 });
  const member = new Hamok({ peerId, peers: ids, transport, ...timing });
  await member.start();
  for (const { transport: other } of running) if (other.address) transport.addPeer(other.address);
  running.push({ member, transport });
  return member;
}

/** As a process that dies. */
async function kill(member: Hamok): Promise<void> {
  running = running.filter((each) => each.member !== member);
  await member.close({ leave: false });
}

const mapOf = (member: Hamok) => member.getOrCreateMap<string, number>({ mapId: 'm' });

describe('three members over TCP', () => {
  it('share a map, lose their leader under load, and take it back empty', async () => {
    const members = [];
    for (const id of ids) members.push(await start(id));
    await Promise.all(members.map((member) => member.join({ maxRetry: -1 })));
    const acknowledged = new Set<string>();
    const write = async (member: Hamok, prefix: string, count: number) => {
      const calls = Array.from({ length: count }, async (_, i) => {
        await mapOf(member).set(`${prefix}${i}`, i);
        acknowledged.add(`${prefix}${i}`);
      });
      await Promise.allSettled(calls);
    };
    await Promise.all(members.map((member) => write(member, `${member.localPeerId}-`, 200)));
    expect(acknowledged.size).toBe(600);

    const leader = members.find((member) => member.leader) ?? members[0];
    if (leader === undefined) throw new Error('no member');
    const rest = members.filter((member) => member !== leader);
    const underLoad = Promise.all(members.map((member) => write(member, `${member.localPeerId}+`, 200)));
    await kill(leader);
    await underLoad;
    await Promise.all(rest.map((member) => member.waitUntilLeader(20_000)));
    await Promise.all(rest.map((member) => member.waitUntilCommitHead()));

    const back = await start(leader.localPeerId);
    await back.join({ maxRetry: -1 });
    const all = [...rest, back].map((member) => new Map(mapOf(member)));
    for (const content of all) expect(content).toEqual(all[0]);
    expect([...acknowledged].filter((key) => !all[0]?.has(key))).toEqual([]);
    // Those of the two that stayed are all there.
    expect(acknowledged.size).toBeGreaterThanOrEqual(1000);
  });
});
