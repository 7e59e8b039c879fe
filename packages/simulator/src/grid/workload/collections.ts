import type { HamokEmitter, HamokMap, HamokQueue, HamokRecord, HamokRemoteMap, ReplicatedStorage } from 'hamok';
import type { Process } from '../world/process.js';

// What every process shows of its grid. Creating one again gives the one that is there.

export const keys = ['a', 'b', 'c', 'd', 'e', 'f'];
/** Of the remote map. */
export const remoteKeys = ['r', 's', 't'];
/** Of the record. */
export const fields = ['x', 'y', 'z'];

export function mapOf({ hamok }: Process): HamokMap<string, string> {
  return hamok.getOrCreateMap<string, string>({ mapId: 'map', maxOutboundMessageKeys: 1 });
}

/** How many changes the map is told to retain whose entries end. */
export const retainedChanges = 4;

/** Whose entries end by themselves. */
export function endingMapOf({ hamok }: Process): HamokMap<string, string> {
  return hamok.getOrCreateMap<string, string>({ mapId: 'ending', watchRetention: { changes: retainedChanges } });
}

/** Items are popped. */
export function lineOf({ hamok }: Process): HamokQueue<string> {
  return hamok.getOrCreateQueue<string>({ queueId: 'line' });
}

/** Items are taken, to be acknowledged. */
export function worksOf({ hamok, world }: Process): HamokQueue<string> {
  const { maxDeliveries } = world.plan;
  return hamok.getOrCreateQueue<string>({ queueId: 'works', ...(maxDeliveries > 0 && { maxDeliveries }) });
}

export function emitterOf({ hamok }: Process): HamokEmitter<{ tick: [string] }> {
  return hamok.getOrCreateEmitter<{ tick: [string] }>({ emitterId: 'emitter' });
}

export function recordOf({ hamok }: Process): HamokRecord<Record<string, string>> {
  return hamok.getOrCreateRecord<Record<string, string>>({ recordId: 'record' });
}

export function remoteMapOf(process: Process): HamokRemoteMap<string, string> {
  const remoteMap = process.world.database.connectionOf(process);
  // What takes longer may be made, and nobody is told of it: nothing does, whatever stands still.
  const storageTimeoutInMs = 600_000;
  return process.hamok.getOrCreateRemoteMap<string, string>({ mapId: 'remote map', remoteMap, storageTimeoutInMs });
}

/** Over a database without transactions. */
export function plainRemoteMapOf(process: Process): HamokRemoteMap<string, string> {
  const remoteMap = process.world.database.plainConnectionOf(process);
  return process.hamok.getOrCreateRemoteMap<string, string>({
    mapId: 'plain remote map',
    remoteMap,
    maxOutboundMessageKeys: 1,
  });
}

// With these, programs do whatever can be done: what becomes of it is compared with a plain model alone.

export function anyMapOf({ hamok }: Process): HamokMap<string, string> {
  return hamok.getOrCreateMap<string, string>({ mapId: 'any map', maxOutboundMessageKeys: 1 });
}

export function anyRecordOf({ hamok }: Process): HamokRecord<Record<string, string>> {
  return hamok.getOrCreateRecord<Record<string, string>>({ recordId: 'any record' });
}

export function anyQueueOf({ hamok }: Process): HamokQueue<string> {
  return hamok.getOrCreateQueue<string>({ queueId: 'any queue', maxDeliveries: 2 });
}

export function anyEmitterOf({ hamok }: Process): HamokEmitter<{ tick: [string]; tock: [string] }, string> {
  return hamok.getOrCreateEmitter<{ tick: [string]; tock: [string] }, string>({ emitterId: 'any emitter' });
}

export function anyStorageOf({ hamok }: Process): ReplicatedStorage<string, string> {
  return hamok.getOrCreateReplicatedStorage<string, string>({ storageId: 'any storage' });
}
