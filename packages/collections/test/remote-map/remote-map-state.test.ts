import { MessageType, StorageKind } from '@hamok/messages';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteReader } from '../../src/bytes/byte-reader.js';
import { ByteWriter } from '../../src/bytes/byte-writer.js';
import { encodeOutcome } from '../../src/remote-map/change-outcome.js';
import {
  maxOutcomeBytes,
  maxPendingChanges,
  type RemoteMapNote,
  RemoteMapState,
  remoteMapModel,
} from '../../src/remote-map/remote-map-state.js';
import type { LeaderCommand, StorageCommand } from '../../src/replicated/command.js';
import { decodeCommand, encodeCommand, encodeLeaderCommand, isFromLeader } from '../../src/replicated/command.js';
import { ReplicatedState } from '../../src/replicated/replicated-state.js';
import { ManualClock } from '../../src/testing/index.js';

const bytes = (text: string) => new TextEncoder().encode(text);
const target = { id: 'm', kind: StorageKind.REMOTE_MAP };

function set(sequence: number): StorageCommand {
  const init = { type: MessageType.UPDATE_ENTRIES_REQUEST, keys: [bytes('k')], values: [bytes('v')] };
  return decodeCommand(encodeCommand(target, init, 'a', 1, sequence, 0)) as StorageCommand;
}

function outcomes(term: number, data: Uint8Array, offset = 0, total = data.length, leader = 'a@1'): LeaderCommand {
  const type = MessageType.REMOTE_MAP_OUTCOMES_REQUEST;
  const encoded = encodeLeaderCommand({ leader, term, type, storageId: 'm', values: [data], tickets: [offset, total] });
  return decodeCommand(encoded) as LeaderCommand;
}

const at = (index: number) => ({ index, time: 0 });

function observed(state = new RemoteMapState()) {
  const notes: RemoteMapNote[] = [];
  state.observer = (note) => notes.push(note);
  return { state, notes };
}

function copyOf(state: RemoteMapState): RemoteMapState {
  const copy = new RemoteMapState();
  const cut = state.cut();
  for (let position = 0; position < cut.count; position++) {
    const writer = new ByteWriter();
    cut.write(position, writer);
    copy.restore(new ByteReader(writer.take()));
  }
  return copy;
}

const made = (index: number) => encodeOutcome(index, [undefined]);

describe('the replicated state of a remote map', () => {
  it('keeps a bounded number of changes, and refuses the next one without keeping it', () => {
    const { state } = observed();
    for (let i = 0; i < maxPendingChanges; i++) expect(state.apply(set(i + 1), at(i))).toBeInstanceOf(Uint8Array);
    expect(state.apply(set(1), at(maxPendingChanges))).toBe(false);
    expect(state.size).toBe(maxPendingChanges);
    state.applyFromLeader(outcomes(1, made(0)), at(maxPendingChanges + 1));
    expect(state.apply(set(1), at(maxPendingChanges + 2))).toBeInstanceOf(Uint8Array);
  });

  it('takes an outcome of the first change only', () => {
    const { state } = observed();
    state.apply(set(1), at(3));
    state.apply(set(2), at(4));
    state.applyFromLeader(outcomes(1, made(4)), at(5));
    expect([state.size, state.appliedIndex]).toEqual([2, -1]);
    state.applyFromLeader(outcomes(1, made(3)), at(6));
    state.applyFromLeader(outcomes(1, made(3)), at(7));
    expect([state.size, state.appliedIndex]).toEqual([1, 3]);
  });

  it('takes nothing from a leader of an earlier term than one that spoke', () => {
    const { state } = observed();
    state.apply(set(1), at(3));
    state.applyFromLeader(outcomes(5, made(9)), at(4));
    state.applyFromLeader(outcomes(4, made(3), 0, made(3).length, 'b@1'), at(5));
    expect(state.size).toBe(1);
    expect(copyOf(state).size).toBe(1);
    const copy = copyOf(state);
    copy.applyFromLeader(outcomes(4, made(3)), at(5));
    expect(copy.size).toBe(1);
    copy.applyFromLeader(outcomes(5, made(3)), at(6));
    expect(copy.size).toBe(0);
  });

  it('puts parts together, and begins anew with another leader or another beginning', () => {
    const { state, notes } = observed();
    state.apply(set(1), at(3));
    const data = encodeOutcome(3, [bytes('before')]);
    const part = (from: number, to: number, term = 1) => outcomes(term, data.slice(from, to), from, data.length);
    state.applyFromLeader(part(0, 4), at(4));
    state.applyFromLeader(part(6, data.length), at(5));
    expect(state.size).toBe(1);
    state.applyFromLeader(part(0, 2), at(6));
    const copy = observed(copyOf(state));
    for (const each of [{ state, notes }, copy]) {
      each.state.applyFromLeader(part(2, data.length, 2), at(7));
      expect(each.state.size, 'without its beginning').toBe(1);
      each.state.applyFromLeader(part(0, 5, 2), at(8));
      each.state.applyFromLeader(part(5, data.length, 2), at(9));
      expect(each.state.size).toBe(0);
      each.state.publish();
      expect(each.notes.at(-1)).toMatchObject({ type: 'outcome', outcome: [bytes('before')] });
    }
  });

  it('does nothing for what is no outcome', () => {
    const { state } = observed();
    state.apply(set(1), at(3));
    for (const data of [
      new Uint8Array(0),
      Uint8Array.of(3),
      Uint8Array.of(3, 9),
      encodeOutcome(3, []),
      encodeOutcome(3, [undefined, undefined]),
      Uint8Array.of(...made(3), 0xff),
    ])
      state.applyFromLeader(outcomes(1, data), at(4));
    state.applyFromLeader(outcomes(1, made(3), 0, maxOutcomeBytes + 1), at(5));
    state.applyFromLeader(outcomes(1, made(3), 0, 1), at(5));
    state.applyFromLeader({ ...outcomes(1, made(3)), values: [], tickets: [] }, at(6));
    expect(state.size).toBe(1);
  });

  it('is the same after a restore', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 30 }), (steps) => {
        const { state } = observed();
        steps.forEach((step, index) => {
          if (step < 2) state.apply(set(index + 1), at(index));
          else if (step === 2) state.applyFromLeader(outcomes(index, made(state.pending.at(0)?.index ?? 0)), at(index));
          else if (step === 3) state.applyFromLeader(outcomes(index, made(0).slice(0, 1), 0, 3), at(index));
          else
            state.applyFromLeader(
              { ...outcomes(index, made(0)), type: MessageType.REMOTE_MAP_TAKE_OVER_REQUEST, dedupId: 'x' },
              at(index),
            );
        });
        const copy = copyOf(state);
        const write = (each: RemoteMapState) => {
          const writer = new ByteWriter();
          const cut = each.cut();
          for (let i = 0; i < cut.count; i++) cut.write(i, writer);
          return writer.take();
        };
        expect(write(copy)).toEqual(write(state));
        expect([copy.ledger, copy.supersedes, copy.appliedIndex]).toEqual([
          state.ledger,
          state.supersedes,
          state.appliedIndex,
        ]);
      }),
    );
  });

  it('refuses what a database has not', () => {
    const command = set(1);
    expect(remoteMapModel.accepts(command)).toBe(true);
    expect(remoteMapModel.accepts({ ...command, ttlInMs: 5 })).toBe(false);
    expect(remoteMapModel.accepts({ ...command, revision: 5 })).toBe(false);
    expect(remoteMapModel.accepts({ ...command, values: [] })).toBe(false);
    expect(remoteMapModel.accepts({ ...command, type: MessageType.TOUCH_ENTRIES_REQUEST, ttlInMs: 1 })).toBe(false);
  });
});

describe('what claims to come from the leader', () => {
  const self = () => 'a@1';
  const session = {
    opened: () => undefined,
    applied: () => undefined,
    closed: () => undefined,
    failed: () => undefined,
  };
  const options = { self, session, maxInFlight: 8, maxCommandBytes: 4096, clock: new ManualClock() };
  const state = new ReplicatedState({ ...options, propose: async () => 0, receive: () => undefined });
  state.membersChanged({ index: -1, joined: ['a@1', 'b@1'], left: [] });
  state.leading(7);
  const command = (leader: string, term: number) => {
    const type = MessageType.REMOTE_MAP_OUTCOMES_REQUEST;
    return encodeLeaderCommand({ leader, term, type, storageId: 'm', values: [made(0)], tickets: [0, 3] });
  };

  it('is let into the log from the leader alone, in its own term', () => {
    expect(state.admit('a@1', command('a@1', 7))).toBeUndefined();
    expect(state.admit('b@1', command('a@1', 7))).toBe('bad-command');
    expect(state.admit('b@1', command('b@1', 6))).toBe('not-leading');
    expect(state.admit('a@1', command('a@1', 6))).toBe('not-leading');
  });

  it('does nothing to a storage of another kind, or to none', () => {
    const decoded = decodeCommand(command('a@1', 7));
    expect(decoded !== undefined && 'term' in decoded && isFromLeader(decoded)).toBe(true);
    state.apply({ index: 0, time: 0, command: command('a@1', 7) });
    expect(state.storage('m')).toBeUndefined();
    const map = { id: 'm', kind: StorageKind.MAP };
    const init = { type: MessageType.UPDATE_ENTRIES_REQUEST, keys: [bytes('k')], values: [bytes('v')] };
    state.apply({ index: 1, time: 0, command: encodeCommand(map, init, 'a', 1, 1, 0) });
    state.apply({ index: 2, time: 0, command: command('a@1', 7) });
    expect([state.appliedIndex, state.storage('m')?.size]).toEqual([2, 1]);
  });
});
