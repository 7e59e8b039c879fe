import { HamokMessage, type HamokMessageInit, MessageType } from '@hamok/messages';
import { expect, test } from 'vitest';
import { describeStorageFrame } from '../../src/storages/describe-frame.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const streamed = (...messages: HamokMessageInit[]): Uint8Array =>
  new HamokMessage({
    type: MessageType.STORAGE_STREAM_NOTIFICATION,
    sessionSequence: 7,
    storageEpoch: 3,
    entries: messages.map((message) => new HamokMessage(message).toBinary()),
  }).toBinary();

test('a frame says what it tells and asks of which entries', () => {
  const [keys, values] = [[bytes('"k1"')], [bytes('[5]')]];
  const frame = streamed(
    { type: MessageType.UPDATE_ENTRIES_NOTIFICATION, keys, values },
    { type: MessageType.INSERT_ENTRIES_NOTIFICATION, keys },
    { type: MessageType.DELETE_ENTRIES_REQUEST, keys, requestId: '9' },
    { type: MessageType.STORAGE_STATE_NOTIFICATION, storageEpoch: 3 },
  );
  expect(describeStorageFrame(frame)).toBe(
    'frame 7 of epoch 3: keep k1=[5] as backup; keep k1 as witness; ?9 delete entries k1; you are told all in epoch 3',
  );
});

test('an answer says what became of each key, and who holds it', () => {
  const type = MessageType.GET_ENTRIES_RESPONSE;
  const answer = streamed({
    type,
    requestId: '9',
    outcomes: [1, 2, 5],
    values: [bytes('[4]')],
    activeEndpointIds: ['b@1/2'],
  });
  expect(describeStorageFrame(answer)).toContain('!9 done, before: [4], granted to you, held by b@1/2');
});

test('a version of a federated storage is named with its writer', () => {
  const slot = Uint8Array.from([0, 5, ...bytes('a@1/3'), ...bytes('"k2"')]);
  expect(describeStorageFrame(streamed({ type: MessageType.DELETE_ENTRIES_NOTIFICATION, keys: [slot] }))).toContain(
    'keep k2 of a@1/3 no more',
  );
});

test('nothing is said of what only acknowledges', () => {
  const frame = new HamokMessage({
    type: MessageType.STORAGE_STREAM_NOTIFICATION,
    sessionAcknowledged: 4,
    storageEpoch: 3,
  });
  expect(describeStorageFrame(frame.toBinary())).toBeUndefined();
});
