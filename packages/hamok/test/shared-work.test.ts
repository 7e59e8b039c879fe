import { afterEach, describe, expect, it } from 'vitest';
import type { Hamok, HamokQueue } from '../src/index.js';
import { other, TestGrid } from './support/test-grid.js';
import { noUnhandledRejections } from './support/unhandled.js';

noUnhandledRejections();

const ids = ['a', 'b', 'c'];
const items = Array.from({ length: 300 }, (_, i) => i);
let grid: TestGrid;

afterEach(() => grid.close());

const queueOf = (member: Hamok) => member.getOrCreateQueue<number>({ queueId: 'jobs', requestTimeoutInMs: 60_000 });
type Events = { counted: [by: string, n: number] };
const emitterOf = (member: Hamok) =>
  member.getOrCreateEmitter<Events>({ emitterId: 'news', requestTimeoutInMs: 60_000 });

/** Pops until it is told that nothing is left, or its member is gone. */
async function drain(queue: HamokQueue<number>, taken: number[], isDone: () => boolean): Promise<void> {
  for (;;) {
    const item = await queue.pop().catch(() => undefined);
    if (item !== undefined) taken.push(item);
    else if (isDone() || queue.closed) return;
    else await grid.time.pass(5);
  }
}

describe.each(['leader', 'follower'] as const)('with the %s killed in the midst', (who) => {
  it('each item is popped by one caller', async () => {
    grid = new TestGrid({ faults: { minDelayInMs: 1, maxDelayInMs: 5 } });
    const members = await grid.joined(ids);
    const leader = await grid.leader();
    const victim = who === 'leader' ? leader : other(members, leader);
    const survivors = members.filter((member) => member !== victim);
    const pusher = survivors[0] ?? victim;
    await queueOf(pusher).push(...items);
    await grid.settled();
    let pushed = false;
    const taken = new Map(members.map((member) => [member, [] as number[]]));
    const draining = members.flatMap((member) =>
      Array.from({ length: 4 }, () => drain(queueOf(member), taken.get(member) ?? [], () => pushed)),
    );
    await grid.time.until(() => (taken.get(victim)?.length ?? 0) >= 10);
    await grid.kill(victim);
    expect(queueOf(pusher).size).toBeGreaterThan(0);
    await queueOf(pusher).push(1000, 1001);
    pushed = true;
    await Promise.all(draining);
    const all = [...taken.values()].flat();
    expect(new Set(all).size, 'items popped twice').toBe(all.length);
    // What the victim's last calls popped when it died went with it: at most one item a caller.
    const lost = [...items, 1000, 1001].filter((item) => !all.includes(item));
    expect(lost.length).toBeLessThanOrEqual(4);
    for (const survivor of survivors) expect(taken.get(survivor)?.length).toBeGreaterThan(0);
  });

  it('what it had taken is offered to others, and none of it is lost', async () => {
    grid = new TestGrid();
    const members = await grid.joined(ids, { removeDeadAfterInMs: 3000 });
    const leader = await grid.leader();
    const victim = who === 'leader' ? leader : other(members, leader);
    const [one, two] = members.filter((member) => member !== victim);
    if (one === undefined || two === undefined) throw new Error('no survivors');
    await queueOf(one).push(1, 2, 3, 4);
    const held = [await queueOf(victim).take(), await queueOf(victim).take()];
    const mine = await queueOf(one).take();
    await grid.kill(victim);
    const left = [await queueOf(two).take(), await queueOf(two).take(), await queueOf(two).take()];
    expect(held.map(({ item }) => item)).toEqual([1, 2]);
    expect([mine.item, await mine.ack()]).toEqual([3, true]);
    expect(left.map(({ item, deliveries }) => [item, deliveries])).toEqual([
      [4, 1],
      [1, 2],
      [2, 2],
    ]);
    expect(await Promise.all(left.map((each) => each.ack()))).toEqual([true, true, true]);
    expect(await queueOf(one).take({ wait: false })).toBeUndefined();
  });

  it('the others hear the same events in one order, none twice and none missing', async () => {
    grid = new TestGrid({ faults: { minDelayInMs: 1, maxDelayInMs: 5, duplication: 0.02 } });
    const members = await grid.joined(ids, { removeDeadAfterInMs: 3000 });
    const leader = await grid.leader();
    const victim = who === 'leader' ? leader : other(members, leader);
    const survivors = members.filter((member) => member !== victim);
    const survivorIds = survivors.map(({ localPeerId }) => localPeerId);
    const heard = new Map(members.map((member) => [member, [] as string[]]));
    await Promise.all(
      members.map((member) =>
        emitterOf(member).subscribe('counted', (by, n) => void heard.get(member)?.push(`${by} ${n}`)),
      ),
    );
    const publish = async (member: Hamok): Promise<void> => {
      const emitter = emitterOf(member);
      for (let n = 0; n < 30; n++) {
        const publishing = emitter.publish('counted', member.localPeerId, n);
        if (member === victim) await publishing.catch(() => undefined);
        // Who died is waited for until the grid has removed it.
        else expect(await publishing).toEqual(expect.arrayContaining(survivorIds));
      }
    };
    const publishing = members.map(publish);
    await grid.time.until(() => (heard.get(victim)?.length ?? 0) >= 20);
    await grid.kill(victim);
    await grid.leader(survivors);
    await Promise.all(publishing);
    await grid.settled();
    const [first, second] = survivors.map((member) => heard.get(member) ?? []);
    expect(second).toEqual(first);
    expect(new Set(first).size).toBe(first?.length);
    for (const { localPeerId } of survivors)
      expect(first?.filter((event) => event.startsWith(localPeerId))).toEqual(
        Array.from({ length: 30 }, (_, n) => `${localPeerId} ${n}`),
      );
    // The victim heard a beginning of the same.
    const before = heard.get(victim) ?? [];
    expect(first?.slice(0, before.length)).toEqual(before);
  });
});
