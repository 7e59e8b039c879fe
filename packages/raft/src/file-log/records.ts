import { type Configuration, hasPossibleMost } from '../core/configuration.js';
import type { Entry, LogPosition } from '../core/entry.js';
import { isMemberId } from '../identity/member-id.js';
import type { LogOwner, StoredHardState } from '../ports/log-store.js';
import { readEntry } from '../wire/entries.js';
import { type Durability, durabilities } from './durability.js';
import { readInteger, writeInteger } from './format.js';

/** What every segment begins with, so that those before it are of no use once their entries are not. */
export interface Head {
  /** Whatever segments came before do not count. */
  readonly begins: boolean;
  /** Undefined for a log that was cleared. */
  readonly owner: LogOwner | undefined;
  /** Of the run that wrote it. */
  readonly durability: Durability;
  readonly hardState: StoredHardState;
  readonly base: LogPosition;
  readonly configuration: Configuration;
  /** The last entry of the segments before. */
  readonly lastIndex: number;
  /** Length of the segment before, in bytes. */
  readonly previousBytes: number;
}

export interface Compaction {
  readonly base: LogPosition;
  readonly configuration: Configuration;
  /** Whether the entries behind the base still count. */
  readonly keeps: boolean;
}

/** A record holds something that no release wrote, though its checksum is right. */
export class BadRecord extends Error {}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });
const entryHeadBytes = 24;

export function entryBytes({ data }: Entry): number {
  return entryHeadBytes + data.byteLength;
}

export function writeEntry(bytes: Uint8Array, view: DataView, at: number, { index, term, time, data }: Entry): void {
  writeInteger(view, at, index);
  writeInteger(view, at + 8, term);
  writeInteger(view, at + 16, time);
  bytes.set(data, at + entryHeadBytes);
}

/** Where an entry stands, without looking into it. */
export function positionOf(payload: Uint8Array): LogPosition {
  if (payload.byteLength < entryHeadBytes) throw new BadRecord('an entry without a position');
  return {
    index: integer(readInteger(payload, 0), 0),
    term: integer(readInteger(payload, 8), 0),
    time: integer(readInteger(payload, 16), 0),
  };
}

/** A copy, that does not keep the segment in memory. */
export function entryOf({ index, term, time }: LogPosition, payload: Uint8Array): Entry {
  try {
    return readEntry(index, term, time, payload.subarray(entryHeadBytes));
  } catch (error) {
    throw new BadRecord(`entry ${index}: ${String(error)}`);
  }
}

export function encodeHead(head: Head): Uint8Array {
  return encodeJson(head);
}

export function decodeHead(payload: Uint8Array): Head {
  const { begins, owner, durability, hardState, base, configuration, lastIndex, previousBytes } = decodeJson(payload);
  return {
    begins: begins === true,
    owner: owner === undefined ? undefined : ownerOf(owner),
    durability: durabilityOf(durability),
    hardState: hardStateOf(objectOf(hardState)),
    base: basePosition(base),
    configuration: configurationOf(configuration),
    lastIndex: integer(lastIndex, -1),
    previousBytes: integer(previousBytes, 0),
  };
}

export function encodeHardState(hardState: StoredHardState): Uint8Array {
  return encodeJson(hardState);
}

export function decodeHardState(payload: Uint8Array): StoredHardState {
  return hardStateOf(decodeJson(payload));
}

export function encodeCompaction(compaction: Compaction): Uint8Array {
  return encodeJson(compaction);
}

export function decodeCompaction(payload: Uint8Array): Compaction {
  const { base, configuration, keeps } = decodeJson(payload);
  return { base: basePosition(base), configuration: configurationOf(configuration), keeps: keeps === true };
}

export function encodeOpen(durability: Durability): Uint8Array {
  return encodeJson({ durability });
}

export function decodeOpen(payload: Uint8Array): Durability {
  return durabilityOf(decodeJson(payload)['durability']);
}

function encodeJson(value: object): Uint8Array {
  return encoder.encode(JSON.stringify(value));
}

function decodeJson(payload: Uint8Array): Record<string, unknown> {
  try {
    return objectOf(JSON.parse(decoder.decode(payload)));
  } catch (error) {
    throw error instanceof BadRecord ? error : new BadRecord(String(error));
  }
}

function objectOf(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new BadRecord('not an object');
  return value as Record<string, unknown>;
}

function ownerOf(value: unknown): LogOwner {
  const { member, gridId, founders } = objectOf(value);
  if (typeof gridId !== 'string') throw new BadRecord('an owner without a grid');
  return { member: memberOf(member), gridId, founders: members(founders) };
}

function hardStateOf({ term, vote, run }: Record<string, unknown>): StoredHardState {
  return {
    term: integer(term, 0),
    vote: vote === undefined ? undefined : memberOf(vote),
    run: run === undefined ? undefined : memberOf(run),
  };
}

function basePosition(value: unknown): LogPosition {
  const { index, term, time } = objectOf(value);
  return { index: integer(index, -1), term: integer(term, 0), time: integer(time, 0) };
}

function configurationOf(value: unknown): Configuration {
  const { voters, learners, mostVoters } = objectOf(value);
  const configuration = { voters: members(voters), learners: members(learners) };
  if (mostVoters === undefined) return configuration;
  const counted = { ...configuration, mostVoters: integer(mostVoters, 0) };
  if (!hasPossibleMost(counted)) throw new BadRecord(`${counted.voters.length} voters of ${mostVoters} at the most`);
  return counted;
}

function members(value: unknown): string[] {
  if (!Array.isArray(value)) throw new BadRecord('not a list of members');
  return value.map(memberOf);
}

function memberOf(value: unknown): string {
  if (typeof value !== 'string' || !isMemberId(value)) throw new BadRecord(`${String(value)} is not a member`);
  return value;
}

function durabilityOf(value: unknown): Durability {
  const durability = durabilities.find((known) => known === value);
  if (durability === undefined) throw new BadRecord(`${String(value)} is not a durability`);
  return durability;
}

function integer(value: unknown, least: number): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least) {
    throw new BadRecord(`${String(value)} is not a whole number from ${least}`);
  }
  return value;
}
