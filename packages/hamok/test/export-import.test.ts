import { HamokMessage, MessageType } from '@hamok/messages';
import type { Transport } from '@hamok/raft';
import { readState, stateSection, writeSnapshot } from '@hamok/snapshot';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Hamok, HamokSnapshot, HamokSnapshotSource } from '../src/index.js';
import { other, TestGrid } from './support/test-grid.js';

const peers = ['a', 'b', 'c'];
const noCompaction = { entries: 0, bytes: 0, ageInMs: 0, keepEntries: 0 };

let grid: TestGrid;
beforeEach(() => {
  grid = new TestGrid();
});
afterEach(() => grid.close());

const mapOf = (member: Hamok) => member.getOrCreateMap<string, number>({ mapId: 'counters' });
const queueOf = (member: Hamok) => member.getOrCreateQueue<string>({ queueId: 'jobs' });
const recordOf = (member: Hamok) => member.getOrCreateRecord<{ limit: number }>({ recordId: 'settings' });
const contentOf = (member: Hamok) => [
  Object.fromEntries(mapOf(member)),
  [...queueOf(member)],
  recordOf(member).get('limit'),
];
const content = [{ x: 1, y: 2 }, ['one', 'two'], 7];

/** Three members that share a map, a queue and a record. */
async function filled(): Promise<Hamok[]> {
  const members = await grid.joined(peers);
  const [member] = members;
  if (member === undefined) throw new Error('no member');
  await mapOf(member).setAll([
    ['x', 1],
    ['y', 2],
  ]);
  await queueOf(member).push('one', 'two');
  await recordOf(member).set('limit', 7);
  await grid.settled();
  return members;
}

/** What a member was sent: the indexes of entries, parts of snapshots, and the bytes of all frames. */
class Received {
  readonly entries: number[] = [];
  chunks = 0;
  bytes = 0;

  tap(transport: Transport): Transport {
    const open: Transport['open'] = (local, receiver) => {
      const frame = (bytes: Uint8Array): void => {
        this.#count(bytes);
        receiver.frame(bytes);
      };
      return transport.open(local, { ...receiver, frame });
    };
    return {
      open,
      send: (frame, to) => transport.send(frame, to),
      peers: transport.peers,
      close: () => transport.close(),
    };
  }

  #count(bytes: Uint8Array): void {
    const { type, raftPrevLogIndex = -1, entries } = HamokMessage.fromBinary(bytes);
    this.bytes += bytes.byteLength;
    if (type === MessageType.RAFT_SNAPSHOT_REQUEST_CHUNK) this.chunks++;
    if (type !== MessageType.RAFT_APPEND_ENTRIES_REQUEST_CHUNK) return;
    for (let i = 0; i < entries.length; i++) this.entries.push(raftPrevLogIndex + 1 + i);
  }
}

describe('an export that an event asks for', () => {
  it('stands for the entry that the event tells of, and nobody applies that again on top', async () => {
    const [member] = await filled();
    if (member === undefined) throw new Error('no member');
    const asked: Promise<HamokSnapshot>[] = [];
    queueOf(member).on('add', () => asked.push(member.export()));
    await queueOf(member).push('three');
    const [inEvent, afterwards] = [await asked[0], await member.export()];
    expect(inEvent?.commitIndex).toBe(afterwards.commitIndex);
    expect(inEvent?.bytes).toEqual(afterwards.bytes);
  });

  it('stands for the change of the members that the event tells of', async () => {
    const [member] = await filled();
    if (member === undefined) throw new Error('no member');
    const asked: Promise<HamokSnapshot>[] = [];
    member.on('remote-peer-joined', () => asked.push(member.export()));
    const before = (await member.export()).commitIndex;
    await grid.member('d', { bootstrap: false }).join();
    expect((await asked[0])?.commitIndex).toBe(before + 1);
  });
});

async function* piecesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function exportedFromAGridThatIsGone(): Promise<HamokSnapshot> {
  const [member] = await filled();
  const snapshot = await member?.export();
  if (snapshot === undefined) throw new Error('no member');
  for (const each of [...grid.members]) await grid.kill(each);
  return snapshot;
}

describe('what was exported', () => {
  it('is what a new grid begins with, whichever member was given it, and goes on from there', async () => {
    const snapshot = await exportedFromAGridThatIsGone();
    expect(snapshot.commitIndex).toBeGreaterThan(0);
    expect(snapshot.term).toBeGreaterThan(0);
    for (const holder of peers) {
      const members = grid.list(peers);
      await members.find(({ localPeerId }) => localPeerId === holder)?.import(snapshot);
      await Promise.all(members.map((member) => member.join()));
      for (const member of members) expect(contentOf(member)).toEqual(content);
      const [first, second] = members;
      if (first === undefined || second === undefined) throw new Error('no members');
      expect(await mapOf(second).set('x', 10)).toBe(1);
      expect(await queueOf(first).pop()).toBe('one');
      await grid.settled();
      expect(members.map((member) => mapOf(member).get('x'))).toEqual([10, 10, 10]);
      expect((await first.export()).commitIndex).toBeGreaterThan(snapshot.commitIndex);
      for (const member of members) await grid.kill(member);
    }
  });

  it('spares a newcomer what is in it: only what came after is sent', async () => {
    const members = await filled();
    const leader = await grid.leader();
    const snapshot = await other(members, leader).export();
    await grid.time.pass(50);
    await mapOf(leader).set('z', 3);
    await leader.raft?.takeSnapshot();
    const newcomer = grid.member('d', { bootstrap: false, snapshots: noCompaction });
    await newcomer.import(snapshot);
    await newcomer.join();
    expect(contentOf(newcomer)).toEqual([{ x: 1, y: 2, z: 3 }, ['one', 'two'], 7]);
    expect(newcomer.raft?.report().log.firstIndex).toBe(snapshot.commitIndex + 1);
    expect(newcomer.raft?.report().counters.snapshotsInstalled).toBe(0);
    await mapOf(newcomer).set('z', 4);
    expect(grid.errors).toEqual([]);
  });

  it('costs a newcomer the 27 entries after it, each once, in 6 KB, where all that there is takes 100', async () => {
    const members = await grid.joined(peers, { snapshots: { ...noCompaction, keepEntries: 1000 } });
    const leader = await grid.leader();
    const keys = Array.from({ length: 2000 }, (_, i) => `a key that is about as long as others ${i}`);
    await mapOf(leader).setAll(keys.map((key, i) => [key, i]));
    await grid.settled();
    const snapshot = await other(members, leader).export();
    await grid.time.pass(50);
    for (let i = 0; i < 25; i++) await mapOf(leader).set('after', i);
    await leader.raft?.takeSnapshot();

    const join = async (peerId: string, base?: HamokSnapshot): Promise<Received> => {
      const received = new Received();
      const newcomer = grid.member(peerId, {
        bootstrap: false,
        transport: () => received.tap(grid.network.transport()),
      });
      if (base) await newcomer.import(base);
      await newcomer.join();
      expect(mapOf(newcomer).size).toBe(2001);
      return received;
    };
    const { entries, chunks, bytes } = await join('d', snapshot);
    // The sets, and the two changes that made it a member.
    expect(entries).toEqual(Array.from({ length: 27 }, (_, i) => snapshot.commitIndex + 1 + i));
    expect(chunks).toBe(0);
    expect(snapshot.bytes.byteLength).toBeGreaterThan(100_000);
    expect(bytes).toBeLessThan(6000);
    expect((await join('e')).bytes).toBeGreaterThan(100_000);
  });

  it('comes and goes as a stream too, compressed or not, and is of the moment of the call', async () => {
    const [member] = await filled();
    if (member === undefined) throw new Error('no member');
    const streams = [member.exportStream(), member.exportStream({ compression: 'deflate' })];
    await mapOf(member).set('x', 100);
    for (const stream of streams) {
      const { bytes, commitIndex } = stream;
      const alone = grid.member('d', { gridName: 'another', peers: ['d'] });
      await alone.import(bytes);
      await alone.join();
      expect(contentOf(alone)).toEqual(content);
      expect((await alone.export()).commitIndex).toBeGreaterThan(commitIndex);
      await grid.kill(alone);
    }
  });

  it('is refused when it is damaged, newer, of another grid, or nothing of the kind, and then nothing is changed', async () => {
    const snapshot = await exportedFromAGridThatIsGone();
    const { bytes } = snapshot;
    const newer = bytes.slice();
    newer[9] = 99;
    const flipped = bytes.slice();
    flipped[bytes.length - 30] = (flipped[bytes.length - 30] ?? 0) ^ 4;
    const alone = grid.member('a', { peers: ['a'] });
    const refusals: [HamokSnapshotSource, string][] = [
      [flipped, 'snapshot-damaged'],
      [bytes.subarray(0, bytes.length - 1), 'snapshot-damaged'],
      [new Uint8Array(0), 'snapshot-damaged'],
      [newer, 'snapshot-newer'],
    ];
    for (const [source, code] of refusals) await expect(alone.import(source), code).rejects.toMatchObject({ code });
    await expect(alone.import(snapshot, { gridId: 'g' })).rejects.toMatchObject({ code: 'snapshot-foreign' });
    for (const source of [null, 7, 'text', {}, { bytes: [1] }] as unknown as Uint8Array[])
      await expect(alone.import(source)).rejects.toMatchObject({ code: 'configuration' });
    await alone.join();
    expect(contentOf(alone)).toEqual([{}, [], undefined]);
    await expect(alone.import(snapshot)).rejects.toMatchObject({ code: 'running' });
  });

  it('is refused when it names what is no member, though its checksums are right, and then nothing is changed', async () => {
    const { bytes } = await exportedFromAGridThatIsGone();
    const { header, state } = await readState(piecesOf(bytes));
    const chunks: Uint8Array[] = [];
    for await (const chunk of state) chunks.push(chunk.slice());
    const alone = grid.member('a', { peers: ['a'] });
    for (const member of ['', 'x', '@1', 'a@-1', `a@${Number.MAX_SAFE_INTEGER}`, `a@${Number.MAX_SAFE_INTEGER - 1}`]) {
      const crafted = writeSnapshot({ ...header, voters: [member] }, [{ name: stateSection, data: chunks }]);
      await expect(alone.import(crafted), member).rejects.toMatchObject({ code: 'snapshot-damaged' });
    }
    await alone.join();
    expect(contentOf(alone)).toEqual([{}, [], undefined]);
    expect(grid.errors).toEqual([]);
  });

  it('is refused when it is of another grid than the one that a stopped member was in', async () => {
    const snapshot = await exportedFromAGridThatIsGone();
    const alone = grid.member('a', { peers: ['a'] });
    await alone.join();
    await mapOf(alone).set('own', 1);
    await alone.stop();
    await expect(alone.import(snapshot)).rejects.toMatchObject({ code: 'snapshot-foreign' });
    await alone.import(snapshot, { gridId: snapshot.gridId });
    await alone.join();
    expect(contentOf(alone)).toEqual(content);
  });

  it('is given up when the member is closed, whatever it is read from', async () => {
    const { bytes } = await exportedFromAGridThatIsGone();
    let [reads, returns] = [0, 0];
    const sourceOf = (first: Uint8Array[], more: () => Promise<IteratorResult<Uint8Array>>): HamokSnapshotSource => ({
      [Symbol.asyncIterator]: () => ({
        next: async () => {
          reads++;
          const value = first.shift();
          return value ? { value } : await more();
        },
        return: () => {
          returns++;
          throw new Error('it is gone already');
        },
      }),
    });
    const never = (): Promise<never> => new Promise(() => {});
    let goOn: (next: IteratorResult<Uint8Array>) => void = () => {};
    const later = (): Promise<IteratorResult<Uint8Array>> => new Promise((resolve) => (goOn = resolve));
    const alone = grid.member('a', { peers: ['a'] });
    const half = bytes.slice(0, bytes.length / 2);
    const sources = [sourceOf([], never), sourceOf([half], never), sourceOf([half.slice()], later)];
    const imports = Promise.allSettled(sources.map((source) => alone.import(source)));
    await grid.time.until(() => reads === 5);
    const begun = grid.time.now();
    await alone.close();
    for (const outcome of await imports)
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'closed' } });
    expect(grid.time.now() - begun).toBeLessThan(5);
    expect(returns).toBe(3);
    // What comes yet is not read.
    goOn({ value: bytes.slice(bytes.length / 2) });
    await grid.time.pass(1);
    expect(reads).toBe(5);
    expect(grid.errors).toEqual([]);
  });

  it('cannot be had before there is a grid', async () => {
    const member = grid.member('a', { peers });
    await expect(member.export()).rejects.toMatchObject({ code: 'closed' });
    await member.start();
    await expect(member.export()).rejects.toMatchObject({ code: 'closed' });
  });
});

describe('a grid of which every member stops', () => {
  it.each([{}, { leave: false }])('goes on where it was once all start again (%o)', async (options) => {
    for (const order of [
      [0, 1, 2],
      [2, 0, 1],
      [1, 2, 0],
    ]) {
      const members = await filled();
      for (const at of order) await members[at]?.stop(options);
      for (const member of members) expect(contentOf(member)).toEqual(content);
      const snapshot = await members[order[2] ?? 0]?.export();
      expect(snapshot?.commitIndex).toBeGreaterThan(0);
      for (let round = 0; round < 2; round++) {
        await Promise.all(members.map((member) => member.join()));
        for (const member of members) expect(contentOf(member)).toEqual(content);
        const [member] = members;
        if (member) await mapOf(member).set('x', 1);
        await Promise.all(members.map((each) => each.stop(options)));
      }
      expect(grid.errors).toEqual([]);
      for (const member of members) await grid.kill(member);
    }
  });

  it('keeps it while it waits for the others, and is stopped again', async () => {
    const members = await filled();
    for (const member of members) await member.stop();
    const [first] = members;
    await first?.start();
    await grid.time.pass(2000);
    await first?.stop();
    await Promise.all(members.map((member) => member.join()));
    for (const member of members) expect(contentOf(member)).toEqual(content);
  });

  it('takes over what the grid has where that lives on', async () => {
    const members = await filled();
    const leader = await grid.leader();
    const away = other(members, leader);
    await away.stop();
    await mapOf(leader).set('x', 5);
    await away.join();
    expect(mapOf(away).get('x')).toBe(5);
    expect(grid.errors).toEqual([]);
  });
});
