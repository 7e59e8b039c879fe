import { HamokMessage, MessageProtocol, MessageType, StorageKind } from '@hamok/messages';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { subscription } from '../src/emitter/emitter-commands.js';
import { type CommandInit, encodeCommand, type StorageTarget } from '../src/replicated/command.js';
import { MapState } from '../src/replicated/map-state.js';
import { ReplicatedState } from '../src/replicated/replicated-state.js';
import type { Result } from '../src/replicated/result.js';
import { ManualClock } from '../src/testing/index.js';
import { bytesOf, streamOf } from './grid.js';

/** A kind that some later release may have. */
const unknown: number = 99;
const bytes = (...values: number[]) => Uint8Array.from(values);
const map: StorageTarget = { id: 'm', kind: StorageKind.MAP };
const set = (key: number, value: number): CommandInit => ({
  type: MessageType.UPDATE_ENTRIES_REQUEST,
  keys: [bytes(key)],
  values: [bytes(value)],
});
const command = (sequence: number, init: CommandInit, acknowledged = 0, target = map, id = 'a') =>
  encodeCommand(target, init, id, 1, sequence, acknowledged);

function machine(members = ['a@1', 'b@1'], limits = { maxInFlight: 8, maxCommandBytes: 4096 }) {
  const results: [number, Result][] = [];
  const session = {
    opened: () => undefined,
    closed: () => undefined,
    failed: () => undefined,
    applied: (sequence: number, result: Result) => void results.push([sequence, result]),
  };
  const propose = () => Promise.resolve();
  const receive = () => undefined;
  const clock = new ManualClock();
  const state = new ReplicatedState({ self: () => 'a@1', session, clock, propose, receive, ...limits });
  if (members.length > 0) state.membersChanged({ index: -1, joined: members, left: [] });
  let index = 0;
  const apply = (...commands: Uint8Array[]) => {
    for (const each of commands) state.apply({ index: index++, time: 0, command: each });
  };
  return { state, results, apply, snapshot: () => bytesOf(state.snapshot()) };
}

const init = fc.oneof(
  fc.tuple(fc.nat(5), fc.nat(5)).map(([key, value]) => set(key, value)),
  fc.nat(5).map((key): CommandInit => ({ type: MessageType.REMOVE_ENTRIES_REQUEST, keys: [bytes(key)] })),
  fc
    .array(fc.nat(5))
    .map((keys): CommandInit => ({ type: MessageType.DELETE_ENTRIES_REQUEST, keys: keys.map((k) => bytes(k)) })),
  fc.constant<CommandInit>({ type: MessageType.CLEAR_ENTRIES_REQUEST }),
);
const log = fc.array(
  fc.record({
    init,
    id: fc.constantFrom('a', 'b', 'stranger'),
    sequence: fc.integer({ min: 1, max: 6 }),
    target: fc.constantFrom(map, { id: 'n', kind: StorageKind.MAP }, { id: 'm', kind: StorageKind.QUEUE }),
    acknowledged: fc.nat(3),
  }),
  { maxLength: 40 },
);

describe('the replicated state', () => {
  it('is the same for the same log, and after a snapshot in the middle of it', () =>
    fc.assert(
      fc.asyncProperty(log, fc.nat(40), fc.nat(7), async (entries, cutAt, chunk) => {
        const commands = entries.map((each) =>
          command(each.sequence, each.init, each.acknowledged, each.target, each.id),
        );
        const [whole, other, resumed] = [machine(), machine(), machine([])];
        whole.apply(...commands);
        other.apply(...commands.slice(0, cutAt));
        const cut = other.state.snapshot();
        other.apply(...commands.slice(cutAt));
        const snapshot = await bytesOf(cut);
        const pieces = Array.from({ length: Math.ceil(snapshot.length / (chunk + 1)) }, (_, i) =>
          snapshot.subarray(i * (chunk + 1), (i + 1) * (chunk + 1)),
        );
        await resumed.state.restore({ index: cutAt - 1, time: 0, members: ['b@1', 'a@1'] }, streamOf(...pieces));
        for (let i = 0; i < cutAt && i < commands.length; i++) resumed.apply(bytes());
        resumed.apply(...commands.slice(cutAt));
        const expected = await whole.snapshot();
        expect(await other.snapshot()).toEqual(expected);
        expect(await resumed.snapshot()).toEqual(expected);
      }),
    ));

  it('refuses every snapshot that was changed or cut short, and stays as it was', async () => {
    const { apply, snapshot, state } = machine();
    apply(command(1, set(1, 1)), command(2, set(2, 2)));
    const good = await snapshot();
    for (let length = 0; length < good.length; length++) {
      const restored = state.restore({ index: 9, time: 0, members: ['a@1'] }, streamOf(good.subarray(0, length)));
      await expect(restored).rejects.toMatchObject({ code: 'bad-snapshot' });
    }
    const longer = state.restore({ index: 9, time: 0, members: ['a@1'] }, streamOf(good, bytes(1, 0)));
    await expect(longer).rejects.toMatchObject({ code: 'bad-snapshot' });
    const endless = bytes(0x48, 0x4b, 0x43, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f);
    const huge = state.restore({ index: 9, time: 0, members: ['a@1'] }, streamOf(endless));
    await expect(huge).rejects.toMatchObject({ code: 'bad-snapshot' });
    expect(await snapshot()).toEqual(good);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array(), async (noise) => {
        const outcome = state.restore({ index: 9, time: 0, members: [] }, streamOf(good.subarray(0, 4), noise));
        await outcome.catch((error: unknown) => expect(error).toMatchObject({ code: 'bad-snapshot' }));
      }),
    );
  });

  it('answers a command that was applied already with no second effect', () => {
    const { apply, results, state } = machine();
    apply(command(1, set(1, 1)), command(2, set(1, 2)), command(1, set(1, 1)), command(4, set(1, 4)));
    expect(results).toEqual([
      [1, undefined],
      [2, bytes(1)],
    ]);
    expect(state.storage('m')?.cut().count).toBe(1);
  });

  it('keeps results until they are acknowledged, and in snapshots', async () => {
    const { apply, snapshot } = machine();
    apply(command(1, set(1, 1)), command(2, set(1, 2)));
    const { length } = await snapshot();
    apply(command(3, set(1, 3), 2));
    expect((await snapshot()).length).toBeLessThan(length);
    const late = machine([]);
    late.state.membersChanged({ index: -1, joined: ['a@1'], left: [] });
    await late.state.restore({ index: 2, time: 0, members: ['a@1', 'b@1'] }, streamOf(await snapshot()));
    expect(late.results).toEqual([[3, bytes(2)]]);
  });

  it('closes a session with the membership, and never opens it again for the same incarnation', () => {
    const { apply, results, state } = machine();
    apply(command(1, set(1, 1)));
    state.membersChanged({ index: 1, joined: [], left: ['a@1'] });
    apply(command(2, set(1, 2)));
    expect(results.length).toBe(1);
    expect(state.members).toEqual(['b@1']);
  });

  it('ends with a snapshot from a grid with other members what that held for them', async () => {
    const { apply, snapshot } = machine();
    const storage = { id: 's', kind: StorageKind.SEPARATED_STORAGE };
    const join = { type: MessageType.STORAGE_JOIN_REQUEST, backups: 1 };
    apply(command(1, join, 0, storage, 'a'), command(1, join, 0, storage, 'b'));
    const { state } = machine([]);
    await state.restore({ index: 1, time: 500, members: ['a@1', 'c@1'] }, streamOf(await snapshot()));
    expect(state.members).toEqual(['a@1', 'c@1']);
    expect(state.storage('s')?.size).toBe(1);
    expect(state.logTime).toBe(500);
  });

  it('subscribes nobody who is not a member any more, or not yet', () => {
    const { apply, results, state } = machine();
    const emitter = { id: 'e', kind: StorageKind.EMITTER };
    state.membersChanged({ index: 1, joined: ['b@2'], left: ['b@1'] });
    const others = ['b@1', 'b@2', 'b@3'].map((other) => subscription('tick', bytes(), other));
    apply(...others.map((init, i) => command(i + 1, init, 0, emitter)));
    expect(results).toEqual([
      [1, [false]],
      [2, [true]],
      [3, [false]],
    ]);
  });

  it('stops at a command of a newer version, and passes over what is no command', async () => {
    const { apply, snapshot } = machine();
    const before = await snapshot();
    const newer = HamokMessage.fromBinary(command(1, set(1, 1)));
    newer.commandVersion = 2;
    expect(() => apply(newer.toBinary())).toThrow(expect.objectContaining({ code: 'unsupported-command' }));
    const unversioned = HamokMessage.fromBinary(command(1, set(1, 1)));
    unversioned.commandVersion = undefined;
    apply(unversioned.toBinary(), bytes(), bytes(0xff), new HamokMessage({ commandVersion: 1 }).toBinary());
    fc.assert(
      fc.property(fc.uint8Array(), (noise) => {
        apply(noise);
      }),
    );
    expect(await snapshot()).toEqual(before);
  });

  it('carries out nothing of a malformed command, but counts it, so that its session goes on', () => {
    const { apply, results } = machine();
    const uneven: CommandInit = { type: MessageType.UPDATE_ENTRIES_REQUEST, keys: [bytes(1)], values: [] };
    const unknownKind = { id: 'x', kind: unknown };
    apply(
      command(1, uneven),
      command(2, set(1, 1), 0, unknownKind),
      command(3, { type: MessageType.HELLO_NOTIFICATION }),
    );
    apply(command(4, { type: MessageType.NO_OP_REQUEST }), command(5, set(1, 1)));
    const refusal = { code: 'bad-command', found: 0 };
    expect(results.map(([, result]) => result)).toEqual([refusal, refusal, refusal, undefined, undefined]);
  });

  it('copies a small value out of a large command', () => {
    const { apply, state } = machine();
    const keys = [bytes(1), new Uint8Array(3000)];
    apply(command(1, { type: MessageType.UPDATE_ENTRIES_REQUEST, keys, values: [bytes(2), bytes(3)] }));
    const storage = state.storage('m');
    const slot = storage instanceof MapState ? storage.slot(bytes(1)) : undefined;
    expect(slot?.current?.value.buffer.byteLength).toBe(1);
  });
});

describe('the door of the leader', () => {
  const leader = (limits?: { maxInFlight: number; maxCommandBytes: number }) => {
    const made = machine(undefined, limits);
    made.state.leading(1);
    return made;
  };

  it('lets in what is sent again, until its result was received', () => {
    const { state, apply } = leader();
    const [one, two] = [command(1, set(1, 1)), command(2, set(1, 2), 1)];
    expect([one, one, two, one].map((each) => state.admit('a@1', each))).toEqual(Array(4).fill(undefined));
    apply(one, one, two);
    expect([one, two].map((each) => state.admit('a@1', each))).toEqual(['duplicate', undefined]);
    expect(state.admit('a@1', command(3, set(1, 3)))).toBe(undefined);
  });

  it('lets in what is next in a session, and nothing later', () => {
    const { state, apply } = leader();
    const [one, two, three] = [command(1, set(1, 1)), command(2, set(1, 2)), command(3, set(1, 3))];
    expect(state.admit('a@1', two)).toBe('sequence-gap');
    expect(state.admit('a@1', one)).toBe(undefined);
    expect(state.admit('a@1', two)).toBe(undefined);
    expect(state.admit('a@1', command(4, set(1, 4)))).toBe('sequence-gap');
    apply(one, two);
    expect(state.admit('a@1', three)).toBe(undefined);
  });

  it('takes nothing for what it let in that is something else', () => {
    const { state, apply } = leader();
    expect(state.admit('a@1', command(1, set(1, 1)))).toBe(undefined);
    apply(command(1, set(2, 2), 0, map, 'b'));
    const storage = state.storage('m');
    const taken = [1, 2].filter((key) => storage instanceof MapState && storage.slot(bytes(key)) !== undefined);
    expect(taken).toEqual([2]);
  });

  it('forgets with its term what it let in but did not see applied', () => {
    const { state } = leader();
    expect(state.admit('a@1', command(1, set(1, 1)))).toBe(undefined);
    state.leading(undefined);
    expect(state.admit('a@1', command(1, set(1, 1)))).toBe('not-leading');
    state.leading(3);
    expect(state.admit('a@1', command(2, set(1, 1)))).toBe('sequence-gap');
    expect(state.admit('a@1', command(1, set(1, 1)))).toBe(undefined);
  });

  it('bounds what is in flight, and what is kept', () => {
    const { state, apply } = leader({ maxInFlight: 2, maxCommandBytes: 4096 });
    const [one, two] = [command(1, set(1, 1)), command(2, set(1, 2))];
    expect([state.admit('a@1', one), state.admit('a@1', two)]).toEqual([undefined, undefined]);
    expect(state.admit('a@1', command(3, set(1, 3), 2))).toBe('busy');
    apply(one, two);
    expect(state.admit('a@1', command(3, set(1, 3), 0))).toBe('busy');
    expect(state.admit('a@1', command(3, set(1, 3), 1))).toBe(undefined);
  });

  it('refuses what no member may send', () => {
    const { state } = leader();
    const newer = HamokMessage.fromBinary(command(1, set(1, 1)));
    newer.commandVersion = 2;
    const codes = (...commands: Uint8Array[]) => commands.map((each) => state.admit('a@1', each));
    expect(codes(newer.toBinary(), new Uint8Array(5000), bytes(0xff))).toEqual([
      'unsupported-command',
      'too-large',
      'bad-command',
    ]);
    expect(state.admit('b@1', command(1, set(1, 1)))).toBe('bad-command');
    expect(state.admit('c@1', command(1, set(1, 1), 0, map, 'c'))).toBe('session-closed');
    const malformed: CommandInit[] = [
      { type: MessageType.UPDATE_ENTRIES_REQUEST, keys: [bytes(1)] },
      { type: MessageType.UPDATE_ENTRIES_REQUEST },
      { type: MessageType.DELETE_ENTRIES_REQUEST },
      { type: MessageType.REMOVE_ENTRIES_REQUEST, keys: [bytes(1), bytes(2)], prevValue: bytes(1) },
      { type: MessageType.HELLO_NOTIFICATION },
    ];
    for (const each of malformed) expect(codes(command(1, each))).toEqual(['bad-command']);
    expect(
      codes(command(1, set(1, 1), 1), command(0, set(1, 1)), command(1, set(1, 1), 0, { id: 'm', kind: unknown })),
    ).toEqual(['bad-command', 'bad-command', 'bad-command']);
    const grid = new HamokMessage({
      protocol: MessageProtocol.GRID_COMMUNICATION_PROTOCOL,
      type: MessageType.NO_OP_REQUEST,
    });
    expect(codes(grid.toBinary())).toEqual(['bad-command']);
    fc.assert(
      fc.property(fc.uint8Array(), (noise) => {
        expect(state.admit('a@1', noise)).toBe('bad-command');
      }),
    );
  });
});
