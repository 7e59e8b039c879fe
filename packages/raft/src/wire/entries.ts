import { HamokMessage, MessageProtocol, MessageType, messageTypeOf } from '@hamok/messages';
import { type Configuration, hasPossibleMost } from '../core/configuration.js';
import type { Entry, EntryEncoder } from '../core/entry.js';
import { BadFrameError } from '../errors.js';
import { isMemberId } from '../identity/member-id.js';

const protocol = MessageProtocol.RAFT_COMMUNICATION_PROTOCOL;

/** Entries always hold a HamokMessage, also those of consensus itself. */
export const entryEncoder: EntryEncoder = {
  noOp: new HamokMessage({ protocol, type: MessageType.RAFT_NO_OP_ENTRY }).toBinary(),
  configuration: (configuration) => {
    const entry = new HamokMessage({ protocol, type: MessageType.RAFT_CONFIGURATION_ENTRY });
    writeConfiguration(entry, configuration);
    return entry.toBinary();
  },
};

/** Wraps bytes that mean nothing to consensus into an entry. */
export function wrapPayload(payload: Uint8Array): Uint8Array {
  return new HamokMessage({ protocol, type: MessageType.RAFT_PAYLOAD_ENTRY, values: [payload] }).toBinary();
}

/** What `wrapPayload` was given. */
export function unwrapPayload(entry: Uint8Array): Uint8Array {
  return HamokMessage.fromBinary(entry).values[0] ?? new Uint8Array(0);
}

/** Whether bytes may be proposed: an encoded message that is not one of the entries consensus makes itself. */
export function isProposable(entry: Uint8Array): boolean {
  const type = messageTypeOf(entry);
  return type !== undefined && type !== MessageType.RAFT_NO_OP_ENTRY && type !== MessageType.RAFT_CONFIGURATION_ENTRY;
}

/** An entry as a frame carries it. The bytes are copied, for a view would keep the whole receive buffer alive. */
export function readEntry(index: number, term: number, time: number, bytes: Uint8Array): Entry {
  const data = new Uint8Array(bytes);
  const type = messageTypeOf(data);
  if (type === MessageType.RAFT_NO_OP_ENTRY) return { index, term, time, kind: 'no-op', data };
  if (type !== MessageType.RAFT_CONFIGURATION_ENTRY) return { index, term, time, kind: 'command', data };
  return {
    index,
    term,
    time,
    kind: 'configuration',
    data,
    configuration: readConfiguration(HamokMessage.fromBinary(data)),
  };
}

export function writeConfiguration(message: HamokMessage, { voters, learners, mostVoters }: Configuration): void {
  message.voters = [...voters];
  message.learners = [...learners];
  message.mostVoters = mostVoters;
}

/** @throws {BadFrameError} where there can be no such configuration. */
export function readConfiguration({ voters, learners, mostVoters }: HamokMessage): Configuration {
  const members = [...voters, ...learners];
  if (!members.every(isMemberId)) throw new BadFrameError('a configuration names something that is not a member');
  if (new Set(members).size !== members.length) throw new BadFrameError('a configuration names a member twice');
  const configuration = { voters, learners, mostVoters };
  if (!hasPossibleMost(configuration)) throw new BadFrameError(`${voters.length} voters of ${mostVoters} at the most`);
  return configuration;
}
