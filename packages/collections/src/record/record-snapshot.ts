import { isObject } from '../arguments.js';
import { BadSnapshotError } from '../errors.js';
import type { EncodedEntry } from '../map/map-snapshot.js';
import type { HamokRecordExport, HamokRecordSnapshot, SnapshotBytes } from './record-options.js';

/** Bytes that are written to JSON as 2.6, which had Node.js's `Buffer`, wrote them. */
class ExportedBytes extends Uint8Array {
  toJSON(): SnapshotBytes {
    return { type: 'Buffer', data: [...this] };
  }
}

export function toRecordSnapshot(recordId: string, entries: readonly EncodedEntry[]): HamokRecordExport {
  return {
    recordId,
    keys: entries.map(([key]) => new ExportedBytes(key)),
    values: entries.map(([, value]) => new ExportedBytes(value)),
  };
}

/** @throws BadSnapshotError for what neither `toRecordSnapshot` nor 2.6 gives */
export function fromRecordSnapshot(snapshot: HamokRecordSnapshot): EncodedEntry[] {
  if (!isObject(snapshot)) throw new BadSnapshotError('not a record');
  const { keys, values } = snapshot;
  if (!Array.isArray(keys) || !Array.isArray(values) || keys.length !== values.length)
    throw new BadSnapshotError('a record with more keys than values, or fewer');
  return keys.map((key, i) => [toBytes(key), toBytes(values[i])]);
}

function toBytes(given: unknown): Uint8Array {
  if (given instanceof Uint8Array) return given.slice();
  const data = typeof given === 'object' && given !== null && 'data' in given ? given.data : undefined;
  if (!Array.isArray(data) || !data.every(isByte))
    throw new BadSnapshotError('a record with something other than bytes');
  return Uint8Array.from(data);
}

function isByte(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 0xff;
}
