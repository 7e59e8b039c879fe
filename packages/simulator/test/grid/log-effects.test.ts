import { HamokMessage, MessageType } from '@hamok/messages';
import type { Entry } from '@hamok/raft';
import { expect, test } from 'vitest';
import { LogEffects } from '../../src/grid/invariants/log-effects.js';

const bytes = (texts: readonly string[]): Uint8Array[] => texts.map((text) => new TextEncoder().encode(text));

/** The entry of a record's conditional update: those that are expected come first. */
function updateIf(index: number, expected: readonly string[], set: readonly string[]): Entry {
  const message = new HamokMessage();
  message.type = MessageType.UPDATE_ENTRIES_IF_REQUEST;
  message.sourceId = 'a';
  message.sourceIncarnation = 1;
  message.sessionSequence = 1;
  message.storageId = 'record';
  message.keys = bytes([...expected, ...set].map((_, i) => `"${i}"`));
  message.values = bytes([...expected, ...set].map((value) => JSON.stringify(value)));
  message.expectedEntries = expected.length;
  return { index, term: 1, time: 0, kind: 'command', data: message.toBinary() };
}

/** What a process puts into the log as its first command, under the incarnation that it has in collections. */
function insert(index: number, sourceIncarnation: number, value: string): Entry {
  const type = MessageType.INSERT_ENTRIES_REQUEST;
  const fields = { sourceId: 'a', sourceIncarnation, sessionSequence: 1, storageId: 'map' };
  const message = new HamokMessage({ type, ...fields, keys: bytes(['"key"']), values: bytes([JSON.stringify(value)]) });
  return { index, term: 1, time: 0, kind: 'command', data: message.toBinary() };
}

test('what comes from a process that another has followed as its member has no effect', () => {
  const effects = new LogEffects();
  const process = { gridId: 'grid', core: undefined };
  const type = MessageType.MEMBER_RUN_REQUEST;
  const run = new HamokMessage({ type, sourceId: 'a', sourceIncarnation: 9, destinationIncarnation: 1 });
  effects.read(process, { index: 0, term: 1, time: 0, kind: 'command', data: run.toBinary() });
  effects.read(process, insert(1, 1, 'late'));
  effects.read(process, insert(2, 9, 'in time'));
  expect(['late', 'in time'].map((value) => effects.placeOf(process, value))).toEqual([undefined, 2]);
});

test('what comes from a member behind its removal has no effect', () => {
  const effects = new LogEffects();
  const process = { gridId: 'grid', core: undefined };
  const configuration = { voters: ['b@1'], learners: [] };
  effects.read(process, { index: 0, term: 1, time: 0, kind: 'configuration', data: new Uint8Array(), configuration });
  effects.read(process, insert(1, 1, 'late'));
  expect(effects.placeOf(process, 'late')).toBeUndefined();
});

test('a value is written where it is set, and not where it is only expected: it may be from another grid', () => {
  const effects = new LogEffects();
  const process = { gridId: 'grid', core: undefined };
  effects.read(process, updateIf(0, ['from elsewhere'], ['set here']));
  expect(['from elsewhere', 'set here'].map((value) => effects.placeOf(process, value))).toEqual([undefined, 0]);
});
