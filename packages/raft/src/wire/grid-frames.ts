import { HamokMessage, MessageProtocol, MessageType } from '@hamok/messages';
import type { Base } from '../bootstrap/base.js';
import type { GridMessage, MembershipAction } from '../bootstrap/messages.js';
import { BadFrameError } from '../errors.js';
import { maxIncarnation } from '../identity/incarnation.js';
import { idOf, incarnationOf, isMemberId, type MemberId, memberId } from '../identity/member-id.js';
import { readConfiguration, writeConfiguration } from './entries.js';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A message about grids themselves as a frame: it names the grid it is meant for by name, since ids are not agreed yet. */
export function encodeGridMessage(message: GridMessage, gridName: string): Uint8Array {
  const frame = new HamokMessage();
  frame.protocol = MessageProtocol.GRID_COMMUNICATION_PROTOCOL;
  frame.gridName = gridName;
  frame.sourceId = idOf(message.from);
  frame.sourceIncarnation = incarnationOf(message.from);
  if (message.to !== undefined) frame.destinationId = message.to;
  fill(frame, message);
  return frame.toBinary();
}

function fill(frame: HamokMessage, message: GridMessage): void {
  frame.gridId = 'gridId' in message ? message.gridId : undefined;
  if ('base' in message && message.base !== undefined) writeBase(frame, message.base);
  switch (message.type) {
    case 'hello':
      frame.type = MessageType.HELLO_NOTIFICATION;
      frame.activeEndpointIds = [...message.expected];
      if (message.joinsOnly) frame.success = false;
      return;
    case 'grid-states':
      frame.type = MessageType.ENDPOINT_STATES_NOTIFICATION;
      writeConfiguration(frame, message.configuration);
      frame.raftLeaderId = message.leader;
      return;
    case 'peer-request':
      frame.type = MessageType.HELLO_NOTIFICATION;
      frame.requestId = message.nonce;
      if (message.custom !== undefined) frame.keys = [encoder.encode(message.custom)];
      return;
    case 'peer-response':
      frame.type = MessageType.ENDPOINT_STATES_NOTIFICATION;
      frame.requestId = message.nonce;
      writeConfiguration(frame, message.configuration);
      frame.raftLeaderId = message.leader;
      if (message.custom !== undefined) frame.values = [encoder.encode(message.custom)];
      return;
    case 'bootstrap-request':
      frame.type = MessageType.BOOTSTRAP_REQUEST;
      frame.requestId = message.nonce;
      frame.activeEndpointIds = [...message.expected];
      return;
    case 'bootstrap-response':
      frame.type = MessageType.BOOTSTRAP_RESPONSE;
      frame.requestId = message.nonce;
      frame.success = message.agreed;
      return;
    case 'bootstrap-offer':
      frame.type = MessageType.BOOTSTRAP_OFFER;
      frame.voters = [...message.members];
      return;
    case 'membership-request':
      frame.type = MessageType.MEMBERSHIP_REQUEST;
      frame.requestId = message.action;
      frame.raftCommitIndex = message.asOf;
      return;
    case 'membership-response':
      frame.type = MessageType.MEMBERSHIP_RESPONSE;
      frame.destinationIncarnation = incarnationOf(message.asker);
      frame.requestId = message.action;
      frame.errorCode = message.outcome;
      frame.voters = [...message.members];
      frame.raftLeaderId = message.leader;
      frame.raftCandidateId = message.present;
      frame.raftCommitIndex = message.asOf;
      if (message.parentGridId !== undefined) frame.keys = [encoder.encode(message.parentGridId)];
  }
}

/**
 * The message of a frame; undefined where its type is not one about grids.
 * @throws {BadFrameError} where something is missing.
 */
export function decodeGridMessage(frame: HamokMessage): GridMessage | undefined {
  const { type, destinationId, gridId, requestId: nonce } = frame;
  const from = sender(frame);
  const addressed = destinationId === undefined ? { from } : { from, to: destinationId };
  switch (type) {
    case MessageType.HELLO_NOTIFICATION:
      if (nonce) return { type: 'peer-request', ...addressed, nonce, custom: optionalText(frame.keys[0]) };
      return {
        type: 'hello',
        ...addressed,
        expected: frame.activeEndpointIds,
        joinsOnly: frame.success === false,
        gridId,
        base: readBase(frame),
      };
    case MessageType.ENDPOINT_STATES_NOTIFICATION: {
      const leader = optionalMember(frame.raftLeaderId);
      const configuration = readConfiguration(frame);
      if (nonce) {
        const custom = optionalText(frame.values[0]);
        return { type: 'peer-response', ...addressed, nonce, gridId, configuration, leader, custom };
      }
      return { type: 'grid-states', ...addressed, gridId: text(gridId), configuration, leader };
    }
    case MessageType.BOOTSTRAP_REQUEST:
      return {
        type: 'bootstrap-request',
        ...addressed,
        nonce: text(frame.requestId),
        expected: frame.activeEndpointIds,
      };
    case MessageType.BOOTSTRAP_RESPONSE: {
      const agreed = frame.success === true;
      const base = readBase(frame);
      return { type: 'bootstrap-response', ...addressed, nonce: text(frame.requestId), agreed, gridId, base };
    }
    case MessageType.BOOTSTRAP_OFFER: {
      const members = readConfiguration(frame).voters;
      return { type: 'bootstrap-offer', ...addressed, gridId: text(gridId), members, base: readBase(frame) };
    }
    case MessageType.MEMBERSHIP_REQUEST: {
      const action = membershipAction(frame);
      const asOf = committed(frame);
      return { type: 'membership-request', ...addressed, gridId: text(gridId), action, asOf, base: readBase(frame) };
    }
    case MessageType.MEMBERSHIP_RESPONSE:
      return {
        type: 'membership-response',
        ...addressed,
        gridId: text(gridId),
        asker: addressee(frame),
        action: membershipAction(frame),
        outcome: text(frame.errorCode),
        members: readConfiguration(frame).voters,
        leader: optionalMember(frame.raftLeaderId),
        asOf: committed(frame),
        present: optionalMember(frame.raftCandidateId),
        parentGridId: optionalText(frame.keys[0]),
        base: readBase(frame),
      };
    default:
      return undefined;
  }
}

/** A state: where it stands in its log; as values, the id of its grid and its digest. */
function writeBase(frame: HamokMessage, { gridId, position, digest }: Base): void {
  frame.raftSnapshotIndex = position.index;
  frame.raftSnapshotTerm = position.term;
  frame.raftSnapshotTime = position.time;
  frame.values = [encoder.encode(gridId), encoder.encode(digest)];
}

function readBase({ raftSnapshotIndex, raftSnapshotTerm, raftSnapshotTime, values }: HamokMessage): Base | undefined {
  if (raftSnapshotIndex === undefined) return undefined;
  const position = { index: raftSnapshotIndex, term: raftSnapshotTerm ?? -1, time: raftSnapshotTime ?? -1 };
  if (Object.values(position).some((value) => value < 0)) throw new BadFrameError('a state that stands nowhere');
  return { gridId: text(optionalText(values[0])), position, digest: text(optionalText(values[1])) };
}

/** An index that is committed; who names none knows of none. */
function committed({ raftCommitIndex = -1 }: HamokMessage): number {
  if (raftCommitIndex < -1) throw new BadFrameError(`${raftCommitIndex} is no index`);
  return raftCommitIndex;
}

function membershipAction({ requestId: action }: HamokMessage): MembershipAction {
  if (action !== 'join' && action !== 'learn' && action !== 'leave')
    throw new BadFrameError(`nobody asks to ${action}`);
  return action;
}

/** The member that a frame says it comes from. */
export function sender({ sourceId, sourceIncarnation }: HamokMessage): MemberId {
  return shownMember('the sender', sourceId, sourceIncarnation);
}

function addressee({ destinationId, destinationIncarnation }: HamokMessage): MemberId {
  return shownMember('the addressee', destinationId, destinationIncarnation);
}

function shownMember(who: string, id: string | undefined, incarnation: number | undefined): MemberId {
  if (!id || incarnation === undefined || incarnation < 0 || incarnation > maxIncarnation) {
    throw new BadFrameError(`${who} shows no incarnation`);
  }
  return memberId(id, incarnation);
}

function text(value: string | undefined): string {
  if (!value) throw new BadFrameError('a field is missing');
  return value;
}

function optionalText(bytes: Uint8Array | undefined): string | undefined {
  return bytes && decoder.decode(bytes);
}

function optionalMember(value: string | undefined): MemberId | undefined {
  if (value !== undefined && !isMemberId(value)) throw new BadFrameError(`${value} is not a member`);
  return value;
}
