import { HamokMessage, MessageProtocol, MessageType } from '@hamok/messages';
import { describe, expect, it } from 'vitest';
import type { Configuration } from '../../src/core/configuration.js';
import type { SnapshotRequest } from '../../src/core/message.js';
import { entryEncoder, readEntry } from '../../src/wire/entries.js';
import { decodeGridMessage, encodeGridMessage } from '../../src/wire/grid-frames.js';
import { decodeRaftMessage, encodeRaftMessage } from '../../src/wire/raft-frames.js';

const shrunk: Configuration = { voters: ['a@1', 'b@2'], learners: ['c@3'], mostVoters: 5 };
const badFrame = expect.objectContaining({ code: 'bad-frame' });

const inEntry = (configuration: Configuration): Configuration | undefined =>
  readEntry(7, 1, 0, entryEncoder.configuration(configuration)).configuration;

function inChunk(configuration: Configuration): Configuration | undefined {
  const [from, to, position] = ['a@1', 'b@2', { index: 7, term: 1, time: 0 }];
  const chunk = { position, configuration, offset: 0, data: new Uint8Array(1), done: true };
  const request: SnapshotRequest = { type: 'snapshot-request', from, to, term: 1, ...chunk };
  const message = decodeRaftMessage(HamokMessage.fromBinary(encodeRaftMessage(request, 'g')), to);
  return message?.type === 'snapshot-request' ? message.configuration : undefined;
}

function inStates(configuration: Configuration): Configuration | undefined {
  const states = { type: 'grid-states', from: 'a@1', to: 'b', gridId: 'g', configuration, leader: 'a@1' } as const;
  const message = decodeGridMessage(HamokMessage.fromBinary(encodeGridMessage(states, 'hamok')));
  return message?.type === 'grid-states' ? message.configuration : undefined;
}

describe.each([
  ['an entry', inEntry],
  ['a chunk of a snapshot', inChunk],
  ['the states of a grid', inStates],
])('a configuration in %s', (_, carried) => {
  it('comes with the most voters there were', () => {
    expect(carried(shrunk)).toEqual(shrunk);
    expect(carried({ ...shrunk, mostVoters: 2 ** 31 - 1 })?.mostVoters).toBe(2 ** 31 - 1);
  });

  it('names none where there were never more', () => {
    expect(carried({ ...shrunk, mostVoters: undefined })?.mostVoters).toBeUndefined();
  });

  it.each([1, 0, -1])('is refused with two voters, %i at the most', (mostVoters) => {
    expect(() => carried({ ...shrunk, mostVoters })).toThrow(badFrame);
  });
});

it('a configuration entry of members that were never more has the bytes that it had before they were counted', () => {
  const { voters, learners } = shrunk;
  const [protocol, type] = [MessageProtocol.RAFT_COMMUNICATION_PROTOCOL, MessageType.RAFT_CONFIGURATION_ENTRY];
  const bytes = new HamokMessage({ protocol, type, voters: [...voters], learners: [...learners] }).toBinary();
  expect(entryEncoder.configuration({ voters, learners })).toEqual(bytes);
  expect(readEntry(7, 1, 0, bytes).configuration).toEqual({ voters, learners });
});
