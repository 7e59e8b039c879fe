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

test('a value is written where it is set, and not where it is only expected: it may be from another grid', () => {
  const effects = new LogEffects();
  const process = { gridId: 'grid', core: undefined };
  effects.read(process, updateIf(0, ['from elsewhere'], ['set here']));
  expect(['from elsewhere', 'set here'].map((value) => effects.placeOf(process, value))).toEqual([undefined, 0]);
});
