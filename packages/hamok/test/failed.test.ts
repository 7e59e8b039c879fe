import { LogFailedError, MemoryLog, MemorySnapshotStore } from '@hamok/raft';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Hamok } from '../src/index.js';
import { other, TestGrid } from './support/test-grid.js';
import { noUnhandledRejections } from './support/unhandled.js';

noUnhandledRejections();

const peers = ['a', 'b', 'c'];
const refusal = { code: 'log-failed', mayHaveHappened: false, cause: { message: 'no space left on device' } };
let grid: TestGrid;

beforeEach(() => {
  grid = new TestGrid();
});

afterEach(() => grid.close());

/** A log on a disk that can be full. */
class LogOnADisk extends MemoryLog {
  isFull = false;
  isReadable = true;

  override async open() {
    if (!this.isReadable) this.#fail();
    return await super.open();
  }

  override async begin(contents: Parameters<MemoryLog['begin']>[0]): Promise<void> {
    if (this.isFull) this.#fail();
    await super.begin(contents);
  }

  override append(append: Parameters<MemoryLog['append']>[0]): undefined {
    if (this.isFull) this.#fail();
    return super.append(append);
  }

  #fail(): never {
    throw new LogFailedError('/log', new Error('no space left on device'));
  }
}

function memberOn(raftLogs: LogOnADisk, peerId = 'a', expected = peers): Hamok {
  return grid.member(peerId, { peers: expected, raftLogs, snapshots: { store: new MemorySnapshotStore() } });
}

/** What calls came to, none of which waited for anything. */
async function atOnce(...calls: Promise<unknown>[]): Promise<unknown[]> {
  const begun = grid.time.now();
  const errors = await Promise.all(
    calls.map((call) =>
      call.then(
        () => 'resolved',
        (error: unknown) => error,
      ),
    ),
  );
  expect(grid.time.now() - begun).toBeLessThan(5);
  return errors;
}

describe('a member whose log cannot be written any more', () => {
  it('refuses every later call with that, at once, while the others go on', async () => {
    const logs = new Map(peers.map((peerId) => [peerId, new LogOnADisk()]));
    const members = [...logs].map(([peerId, log]) => memberOn(log, peerId));
    await Promise.all(members.map((member) => member.join()));
    const leader = await grid.leader();
    const map = leader.createMap<string, number>({ mapId: 'm' });
    const queue = leader.createQueue<string>({ queueId: 'q' });
    const emitter = leader.createEmitter<{ e: [] }>({ emitterId: 'e' });
    const separated = leader.createSeparatedStorage<string, number>({ storageId: 's' });
    await Promise.all([map.set('x', 1), queue.ready, emitter.ready, separated.set('y', 2)]);
    const waiting = queue.take({});
    await grid.settled();
    const told: unknown[] = [];
    leader.on('failed', (failure) => told.push(failure));
    const disk = logs.get(leader.localPeerId);
    if (disk === undefined) throw new Error('no disk');
    disk.isFull = true;
    const cut = map.set('x', 2);
    await expect(cut).rejects.toMatchObject({ code: 'indeterminate', cause: refusal });
    await expect(waiting).rejects.toMatchObject(refusal);
    expect(told).toMatchObject([refusal]);
    const refused = await atOnce(
      leader.ready,
      leader.start(),
      leader.join(),
      leader.leave(),
      leader.waitUntilLeader(),
      leader.waitUntilCommitHead(),
      leader.fetchRemotePeers(),
      map.set('x', 3),
      map.read('x', { consistency: 'linearizable' }),
      queue.push('job'),
      queue.pop({ wait: true }),
      emitter.publish('e'),
      separated.set('y', 3),
      separated.get('y'),
      leader.createMap({ mapId: 'another' }).set('x', 1),
    );
    for (const [i, error] of refused.entries()) expect(error, `call ${i}`).toMatchObject(refusal);
    expect(() => leader.recover()).toThrow(LogFailedError);
    const rescued = grid.member('r', { peers: ['r'], gridName: 'another' });
    await rescued.import(await leader.export());
    await rescued.join();
    expect([...rescued.createMap<string, number>({ mapId: 'm' })]).toEqual([['x', 1]]);
    await grid.kill(rescued);
    expect([map.get('x'), leader.leader, leader.raft?.joined]).toEqual([1, false, false]);
    const rest = members.filter((member) => member !== leader);
    const next = await grid.leader(rest);
    await next.getOrCreateMap<string, number>({ mapId: 'm' }).set('x', 4);
    expect(await atOnce(leader.stop())).toEqual(['resolved']);
    // Where there is room again, it goes on as the member that it was.
    disk.isFull = false;
    await leader.join();
    expect(await leader.ready).toBe(leader);
    await Promise.all([map.set('z', 5), separated.set('y', 4)]);
    expect(await separated.get('y')).toBe(4);
    await grid.settled();
    expect([map.get('x'), other(members, leader).getOrCreateMap({ mapId: 'm' }).get('z')]).toEqual([4, 5]);
  });

  it('says so at once when it cannot begin, to all who wait for it', async () => {
    const disk = new LogOnADisk();
    disk.isFull = true;
    const alone = memberOn(disk, 'a', ['a']);
    await alone.start();
    const map = alone.createMap<string, number>({ mapId: 'm' });
    const separated = alone.createSeparatedStorage<string, number>({ storageId: 's' });
    const waiting = [alone.join({ maxRetry: -1 }), alone.ready, map.ready, map.set('x', 1)];
    const errors = await atOnce(...waiting, alone.waitUntilLeader(), separated.ready, separated.set('y', 1));
    for (const error of errors) expect(error).toMatchObject(refusal);
    await alone.stop();
    disk.isFull = false;
    await alone.join();
    await map.set('x', 1);
    await separated.set('y', 1);
    expect([map.get('x'), await separated.get('y')]).toEqual([1, 1]);
  });

  it('does not start where the log cannot be opened, and may be started again', async () => {
    const disk = new LogOnADisk();
    disk.isReadable = false;
    const alone = memberOn(disk, 'a', ['a']);
    for (const error of await atOnce(alone.join(), alone.start())) expect(error).toMatchObject(refusal);
    disk.isReadable = true;
    await alone.join();
  });
});
