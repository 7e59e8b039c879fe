import type { MessageType } from '@hamok/messages';
import type { ByteReader } from '../bytes/byte-reader.js';
import { retained } from '../bytes/byte-string.js';
import type { ByteWriter } from '../bytes/byte-writer.js';
import type { MemberId } from '../consensus.js';
import type { StorageCommand } from '../replicated/command.js';

/** A change that has its place in the log and is not known to have been carried out. */
export interface PendingChange {
  readonly index: number;
  /** Who asked for it, and which of its commands it was: what names it outside of this log. */
  readonly member: MemberId;
  readonly sequence: number;
  readonly type: MessageType;
  readonly keys: readonly Uint8Array[];
  readonly values: readonly Uint8Array[];
  readonly prevValue: Uint8Array | undefined;
}

export function pendingChange(command: StorageCommand, index: number): PendingChange {
  const { member, sequence, type, keys, values, prevValue } = command;
  return {
    index,
    member,
    sequence,
    type,
    keys: keys.map(retained),
    values: values.map(retained),
    prevValue: prevValue && retained(prevValue),
  };
}

const bytesOfFields = 64;
const bytesOfItem = 16;

/** About what it takes to keep it, the same on every member. */
export function sizeOfChange({
  keys,
  values,
  prevValue,
}: Pick<PendingChange, 'keys' | 'values' | 'prevValue'>): number {
  let size = bytesOfFields + (prevValue?.length ?? 0);
  for (const key of keys) size += bytesOfItem + key.length;
  for (const value of values) size += bytesOfItem + value.length;
  return size;
}

export function writeChange(change: PendingChange, writer: ByteWriter): void {
  writer.varint(change.index);
  writer.text(change.member);
  writer.varint(change.sequence);
  writer.varint(change.type);
  writeList(change.keys, writer);
  writeList(change.values, writer);
  writeList(change.prevValue === undefined ? [] : [change.prevValue], writer);
}

/** @throws BadSnapshotError */
export function readChange(record: ByteReader): PendingChange {
  const index = record.varint();
  const member = record.text();
  const [sequence, type] = [record.varint(), record.varint()];
  const [keys, values] = [readList(record), readList(record)];
  const [prevValue] = readList(record);
  return { index, member, sequence, type, keys, values, prevValue };
}

function writeList(list: readonly Uint8Array[], writer: ByteWriter): void {
  writer.varint(list.length);
  for (const item of list) writer.bytes(item);
}

function readList(record: ByteReader): Uint8Array[] {
  const list: Uint8Array[] = [];
  for (let count = record.varint(); count > 0; count--) list.push(record.bytes().slice());
  return list;
}
