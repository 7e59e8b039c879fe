import type { GridCallOptions } from '@hamok/collections';
import type { Change } from './changes.js';
import type { History } from './history.js';
import type { SharedStorage } from './storages-world.js';

export type CallKind =
  | 'get'
  | 'set'
  | 'update'
  | 'insert'
  | 'restore'
  | 'delete'
  | 'evict'
  | 'clear'
  | 'size'
  | 'keys'
  | 'iterate';

/** A call of a program, on its way. */
export interface Call {
  readonly kind: CallKind;
  readonly what: string;
  readonly begin: number;
  readonly storage: SharedStorage;
  readonly keys: readonly string[];
  readonly entries: readonly (readonly [key: string, value: readonly [number]])[];
  /** One a key, of what changes them. */
  readonly changes: readonly Change[];
  readonly options: GridCallOptions;
  /** Whether it was told that members are missing in what it reads. */
  readonly isPartial: () => boolean;
  /**
   * Whether what it is told has to be so: not where the log has removed its member, or one that tells it something takes part no longer, as
   * neither knows, nor where it cannot know who writes.
   */
  readonly isCurrent: () => boolean;
}

/** Makes it, and notes in the history what it gave. Resolves with that. */
export function makeCall(call: Call, history: History): Promise<unknown> {
  return makers[call.kind](call, history);
}

/** Whether it writes values, whether it takes keys out, or else only reads. */
export function effectOf(kind: CallKind): 'write' | 'delete' | 'read' {
  if (kind === 'set' || kind === 'update' || kind === 'insert' || kind === 'restore') return 'write';
  return kind === 'delete' || kind === 'evict' || kind === 'clear' ? 'delete' : 'read';
}

const makers: Record<CallKind, (call: Call, history: History) => Promise<unknown>> = {
  async get(call, history) {
    const { storage, keys, options } = call;
    const found = await storage.getAll(keys, options);
    noteRead(call, history, found);
    return found;
  },
  async set({ storage, entries, changes, options, begin, what, isCurrent }, history) {
    const before = await storage.setAll(entries, options);
    entries.forEach(([key], at) => {
      const values = before.get(key);
      const change = changes[at];
      if (change === undefined) return;
      // Of a storage where each writes versions of its own, it is told about that alone.
      if (values !== undefined) history.found(key, values, begin, what);
      else if (isCurrent() && !('update' in storage)) history.foundNone(key, change, begin, what);
      history.acknowledge(change);
    });
    return before;
  },
  async update({ storage, entries, changes, options }, history) {
    const [[key, value] = []] = entries;
    if (!('update' in storage) || key === undefined || value === undefined) return undefined;
    const merged = await storage.update(key, () => value, options);
    for (const change of changes) history.acknowledge(change);
    return merged;
  },
  async insert(call, history) {
    const { storage, entries, options, begin, what, isCurrent } = call;
    const there = await storage.insertAll(entries, options);
    conclude(
      call,
      history,
      (key) => !there.has(key),
      (key) => isCurrent() && history.read(key, there.get(key) ?? [], begin, what),
    );
    return there;
  },
  async restore(call, history) {
    const { storage, entries, options, begin, what, isCurrent } = call;
    const restored = await storage.restoreAll(entries, options);
    conclude(
      call,
      history,
      (key) => restored.has(key),
      (key) => isCurrent() && history.listed(key, begin, what),
    );
    return restored;
  },
  async delete(call, history) {
    const { storage, keys, options } = call;
    return await noteTakenOut(call, history, () => storage.deleteAll(keys, options));
  },
  async evict(call, history) {
    const { storage, keys, options } = call;
    return await noteTakenOut(call, history, () => storage.evictAll(keys, options));
  },
  async clear({ storage, options, changes, isPartial, isCurrent }, history) {
    await storage.clear(options);
    if (!isPartial() && isCurrent()) for (const change of changes) history.acknowledge(change);
    return undefined;
  },
  async size({ storage, options, begin, what, isPartial, isCurrent }, history) {
    const size = await storage.size(options);
    if (isCurrent()) history.counted(size, isPartial(), begin, what);
    return size;
  },
  async keys({ storage, keys, options, begin, what, isPartial, isCurrent }, history) {
    const listed = await storage.keys(options);
    if (!isCurrent()) return listed;
    for (const key of keys)
      if (listed.has(key)) history.listed(key, begin, what);
      else if (!isPartial()) history.read(key, [], begin, what);
    return listed;
  },
  async iterate(call, history) {
    const found = new Map<string, readonly number[]>();
    for await (const [key, values] of call.storage.entries(call.options)) found.set(key, values);
    noteRead(call, history, found);
    return found;
  },
};

function noteRead(
  { keys, begin, what, isPartial, isCurrent }: Call,
  history: History,
  found: ReadonlyMap<string, readonly number[]>,
): void {
  if (!isCurrent()) return;
  for (const key of keys) {
    const values = found.get(key) ?? [];
    if (isPartial()) history.found(key, values, begin, what);
    else history.read(key, values, begin, what);
  }
}

/** Each key was written, where there was none before, or it was not. */
function conclude(
  { keys, changes, begin, what, isCurrent }: Call,
  history: History,
  isWritten: (key: string) => boolean,
  wasThere: (key: string) => void,
): void {
  keys.forEach((key, at) => {
    const change = changes[at];
    if (change === undefined) return;
    if (isWritten(key)) {
      if (isCurrent()) history.foundNone(key, change, begin, what);
      history.acknowledge(change);
    } else {
      history.forget(change);
      wasThere(key);
    }
  });
}

async function noteTakenOut(
  { storage, keys, changes, begin, what, isCurrent }: Call,
  history: History,
  takeOut: () => Promise<ReadonlySet<string> | ReadonlyMap<string, readonly number[]>>,
): Promise<unknown> {
  const { epoch } = storage.participants;
  const gone = await takeOut();
  const isOneEpoch = storage.participants.epoch === epoch;
  keys.forEach((key, at) => {
    const change = changes[at];
    if (change === undefined || !isCurrent()) return;
    if (gone.has(key)) history.tookOut(key, 'get' in gone ? gone.get(key) : undefined, begin, what);
    // What was there when a participant left in the midst of it may be gone with the answer.
    else if (isOneEpoch) history.foundNone(key, change, begin, what);
    history.acknowledge(change);
  });
  return gone;
}
