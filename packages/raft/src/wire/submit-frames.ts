import { HamokMessage, MessageProtocol, MessageType } from '@hamok/messages';
import { BadFrameError } from '../errors.js';
import { idOf, incarnationOf, type MemberId } from '../identity/member-id.js';
import type { SubmitAnswer } from '../node/proposals.js';

function memberFrame(type: MessageType, from: MemberId, to: MemberId, gridId: string): HamokMessage {
  const frame = new HamokMessage();
  frame.protocol = MessageProtocol.GRID_COMMUNICATION_PROTOCOL;
  frame.type = type;
  frame.gridId = gridId;
  frame.sourceId = idOf(from);
  frame.sourceIncarnation = incarnationOf(from);
  frame.destinationId = idOf(to);
  frame.destinationIncarnation = incarnationOf(to);
  return frame;
}

/** Proposals on their way to the leader of a term, in order. */
export interface SubmitRequest {
  /** From 1; no two requests of a member share one. */
  readonly requestId: number;
  readonly term: number;
  readonly entries: Uint8Array[];
}

export function encodeSubmit(from: MemberId, to: MemberId, gridId: string, request: SubmitRequest): Uint8Array {
  const frame = memberFrame(MessageType.SUBMIT_MESSAGE_REQUEST, from, to, gridId);
  frame.requestId = String(request.requestId);
  frame.raftTerm = request.term;
  frame.entries = request.entries;
  return frame.toBinary();
}

/** The entries are slices of what was received. */
export function decodeSubmit(frame: HamokMessage): SubmitRequest {
  const { raftTerm: term, entries } = frame;
  if (term === undefined) throw new BadFrameError('a submit request without a term');
  return { requestId: decodeRequestId(frame), term, entries };
}

export function encodeSubmitAnswer(from: MemberId, to: MemberId, gridId: string, answer: SubmitAnswer): Uint8Array {
  const frame = memberFrame(MessageType.SUBMIT_MESSAGE_RESPONSE, from, to, gridId);
  frame.requestId = String(answer.requestId);
  frame.success = answer.refusal === undefined;
  frame.raftTerm = answer.term;
  frame.raftPrevLogIndex = answer.firstIndex - 1;
  frame.sequence = answer.accepted;
  frame.errorCode = answer.refusal;
  return frame.toBinary();
}

function decodeRequestId(frame: HamokMessage): number {
  const requestId = Number(frame.requestId);
  if (!Number.isSafeInteger(requestId) || requestId < 1) throw new BadFrameError('a request without an id');
  return requestId;
}

export function decodeSubmitAnswer(frame: HamokMessage): SubmitAnswer {
  const { raftTerm: term, raftPrevLogIndex, sequence: accepted } = frame;
  if (term === undefined || raftPrevLogIndex === undefined || accepted === undefined || accepted < 0) {
    throw new BadFrameError('an incomplete answer to a submit request');
  }
  const refusal = frame.success === true ? undefined : (frame.errorCode ?? 'refused');
  return { requestId: decodeRequestId(frame), term, firstIndex: raftPrevLogIndex + 1, accepted, refusal };
}

/** Bytes from one member to another that consensus does not look into. */
export function encodeDirect(from: MemberId, to: MemberId, gridId: string, payload: Uint8Array): Uint8Array {
  const frame = memberFrame(MessageType.DIRECT_NOTIFICATION, from, to, gridId);
  frame.values = [payload];
  return frame.toBinary();
}

/** Tells an incarnation that the grid does not count it as a member. */
export function encodeNotAMember(from: MemberId, to: MemberId, gridId: string, term: number): Uint8Array {
  const frame = memberFrame(MessageType.NOT_A_MEMBER_NOTIFICATION, from, to, gridId);
  frame.raftTerm = term;
  return frame.toBinary();
}
