import {
  addHamokLogTransport,
  type BaseMap,
  createHamokJsonBinaryCodec,
  Hamok,
  type HamokCodec,
  type HamokConfig,
  type HamokEmitter,
  type HamokEmitterBuilderConfig,
  type HamokEmitterSnapshot,
  type HamokEmitterStats,
  type HamokEventMap,
  type HamokFetchRemotePeersResponse,
  type HamokJoinProcessParams,
  type HamokLogLevel,
  HamokMap,
  type HamokMapBuilderConfig,
  type HamokMapSnapshot,
  HamokMessage,
  type HamokObjectConfig,
  HamokQueue,
  type HamokQueueBuilderConfig,
  type HamokQueueSnapshot,
  type HamokRecord,
  type HamokRecordBuilderConfig,
  type HamokRemoteMap,
  type HamokRemoteMapBuilderConfig,
  type LogEntry,
  MemoryStoredRaftLogs,
  type RaftLogs,
  type RemoteMap,
  type RemoteMapUpdateResult,
  setHamokLogLevel,
} from 'hamok';

// Programs of 2.6 as their compilers saw them: what does not compile here would not there. Nothing of it runs.

export async function service(send: (to: string | undefined, bytes: Uint8Array) => void): Promise<void> {
  const logs: RaftLogs = new MemoryStoredRaftLogs({ expirationTimeInMs: 0, memorySizeHighWaterMark: 0 }, new Map());
  const entries = new Map<number, LogEntry>();
  const config: Partial<HamokConfig<{ region: string }>> = {
    peerId: 'a',
    electionTimeoutInMs: 3000,
    followerMaxIdleInMs: 1000,
    heartbeatInMs: 100,
    onlyFollower: false,
    logEntriesExpirationTimeInMs: 300_000,
    initialLogEntries: entries,
    ongoingRequestsSendingPeriodInMs: 1000,
    raftLogs: logs,
    remoteStorageStateWaitingTimeoutInMs: 1000,
    appData: { region: 'eu' },
  };
  const hamok = new Hamok<{ region: string }>(config);
  const inForce: HamokObjectConfig<{ region: string }> = hamok.config;
  const level: HamokLogLevel = 'info';
  setHamokLogLevel(level);
  addHamokLogTransport({ target: 'pino/file', level: 'info', options: { destination: 1 } });
  hamok.setMaxListeners(Number.POSITIVE_INFINITY);
  hamok.on('message', (message: HamokMessage) => send(message.destinationId, message.toBinary()));
  hamok.once('leader-changed', (leaderId: string | undefined, previous: string | undefined) => [leaderId, previous]);
  hamok.on('state-changed', (state, previous) => [state === 'leader', previous === 'empty']);
  for (const event of ['remote-peer-joined', 'remote-peer-left', 'no-heartbeat-from', 'unsynced-peer'] as const)
    hamok.on(event, (peerId: string) => peerId.length);
  for (const event of ['follower', 'candidate', 'leader', 'heartbeat', 'joined', 'rejoining', 'left', 'close'] as const)
    hamok.on(event, () => undefined);
  hamok.on('commit', (commitIndex: number, message: HamokMessage) => [commitIndex, message.type]);
  hamok.on('error', (error: Error) => error.message);
  const listener = (...args: HamokEventMap['commit']) => args[0] + 1;
  hamok.on('commit', listener).off('commit', listener).removeListener('commit', listener);
  const params: HamokJoinProcessParams = { fetchRemotePeerTimeoutInMs: 5000, maxRetry: -1 };
  await hamok.join(params);
  hamok.accept(HamokMessage.fromBinary(new Uint8Array()), 7);
  await hamok.submit(new HamokMessage({ storageId: 's' }));
  hamok.addRemotePeerId('b');
  hamok.removeRemotePeerId('b');
  hamok.broadcastEndpointNotification();
  await hamok.waitUntilCommitHead();
  await hamok.waitUntilLeader(5000);
  const me: Hamok<{ region: string }> = await hamok.ready;
  const ids: ReadonlySet<string> = hamok.remotePeerIds;
  const heard: IterableIterator<string> = hamok.activeRemoteHeartbeats;
  const { numberOfPendingRequests, numberOfOngoingRequests, numberOfPendingResponses } = hamok.stats;
  const pending: number = numberOfPendingRequests + numberOfOngoingRequests + numberOfPendingResponses;
  const { region } = hamok.appData;
  const found: HamokFetchRemotePeersResponse = await hamok.fetchRemotePeers(1000, 'snapshot');
  const answers: string[] = [...found.remotePeers, ...(found.customResponses ?? [])];
  const of: [string, string | undefined, boolean, boolean, boolean] = [
    hamok.localPeerId,
    hamok.grid.leaderId,
    hamok.leader,
    hamok.run,
    hamok.closed,
  ];
  void [me, inForce, ids, heard, pending, region, answers, of, hamok.state === 'follower', hamok.raft?.leaderId];
  await hamok.leave();
  hamok.close();
}

interface User {
  id: string;
  age: number;
}

export async function maps(hamok: Hamok, base: BaseMap<string, User>): Promise<void> {
  const keyCodec: HamokCodec<string, Uint8Array> = createHamokJsonBinaryCodec<string>();
  const options: HamokMapBuilderConfig<string, User> = {
    mapId: 'users',
    requestTimeoutInMs: 5000,
    remoteStorageStateWaitingTimeoutInMs: 1000,
    maxOutboundMessageKeys: 100,
    maxOutboundMessageValues: 100,
    keyCodec,
    valueCodec: createHamokJsonBinaryCodec<User>(),
    baseMap: base,
    equalValues: (a, b) => a.id === b.id,
  };
  const map: HamokMap<string, User> = hamok.createMap<string, User>(options);
  const same = hamok.getOrCreateMap<string, User>(options, (alreadyExisted: boolean) => void alreadyExisted);
  map
    .on('insert', (key, value) => `${key.length} ${value.age}`)
    .on('update', (key, oldValue, newValue) => [key, oldValue.age - newValue.age])
    .on('remove', (key, value) => [key, value.id])
    .on('clear', () => undefined)
    .on('close', () => undefined);
  map.setMaxListeners(Number.POSITIVE_INFINITY);
  const user: User = { id: 'a', age: 1 };
  const previous: User | undefined = await map.set('a', user);
  const all: ReadonlyMap<string, User> = await map.setAll(new Map([['a', user]]));
  const existing: User | undefined = await map.insert('a', user);
  const some: ReadonlyMap<string, User> = await map.insertAll([['a', user]]);
  const flags: boolean[] = [
    await map.delete('a'),
    await map.remove('a'),
    await map.removeIf('a', user),
    await map.updateIf('a', user, user),
  ];
  const gone: ReadonlySet<string> = await map.deleteAll(new Set(['a']));
  const removed: ReadonlyMap<string, User> = await map.removeAll(['a']);
  for (const [key, value] of map) void [key.length, value.age];
  const local: [User | undefined, ReadonlyMap<string, User>, number, boolean] = [
    map.get('a'),
    map.getAll(map.keys()),
    map.size,
    map.isEmpty,
  ];
  const shown: BaseMap<string, User> = map.baseMap;
  const snapshot: HamokMapSnapshot = map.export();
  map.import(snapshot, true);
  const texts: string[] = HamokMap.uint8ArrayToStringCodec.encode([new Uint8Array()]);
  void [same, previous, all, existing, some, flags, gone, removed, local, shown, texts, map.equalValues(user, user)];
  await map.clear();
  map.close();
}

type Job = { name: string; tries: number; tags: string[] };

export async function records(hamok: Hamok): Promise<void> {
  const options: HamokRecordBuilderConfig<Job> = {
    recordId: 'job',
    initialObject: { tries: 0 },
    equalValues: (a, b) => a === b,
    requestTimeoutInMs: 100,
  };
  const record: HamokRecord<Job> = hamok.createRecord<Job>(options);
  record.on('insert', ({ key, value }) => [key.length, value]);
  record.on('update', ({ key, oldValue, newValue }) => [key, oldValue, newValue]);
  record.on('remove', ({ key, value }) => [key, value]);
  const name: string | undefined = record.get('name');
  const tries: number | undefined = await record.set('tries', 1);
  const before: number | undefined = await record.insert('tries', 1);
  const there: Partial<Job> | undefined = await record.insertInstance({ name: 'a' });
  const flags: boolean[] = [
    await record.updateIf('tags', ['a'], []),
    await record.updateInstanceIf({ tries: 2 }, { tries: 1 }),
    await record.delete('name'),
  ];
  const job: Job = record.instance;
  record.import(JSON.parse(JSON.stringify(record.export())), false);
  void [hamok.getOrCreateRecord<Job>(options, () => undefined), name, tries, before, there, flags, job];
  await record.clear();
  record.close();
}

export async function queues(hamok: Hamok): Promise<void> {
  const options: HamokQueueBuilderConfig<Job> = { queueId: 'jobs', codec: createHamokJsonBinaryCodec<Job>() };
  const queue: HamokQueue<Job> = hamok.createQueue<Job>(options);
  queue.on('add', (job) => job.name).on('remove', (job) => job.tries);
  queue.on('empty', () => undefined).on('not-empty', () => undefined);
  const job: Job = { name: 'a', tries: 0, tags: [] };
  await queue.push(job, job);
  const popped: Job | undefined = await queue.pop();
  const next: Job | undefined = queue.peek();
  for (const each of queue) void each.tags;
  const snapshot: HamokQueueSnapshot = queue.export();
  queue.import(snapshot, false);
  const shown: BaseMap<number, Job> = queue.baseMap;
  void [hamok.getOrCreateQueue<Job>(options), popped, next, shown.get(0)?.name, queue.empty, queue.size];
  void HamokQueue.uint8ArrayToStringCodec.decode(['a']);
  await queue.clear();
  queue.close();
}

type Events = { started: [id: string]; failed: [id: string, error: string] };

export async function emitters(hamok: Hamok): Promise<void> {
  const options: HamokEmitterBuilderConfig<Events> = {
    emitterId: 'events',
    autoClean: true,
    payloadsCodec: new Map([['started', { encode: (id: string) => id, decode: (text: string) => [text] }]]),
  };
  const codecs = new Map<keyof Events, { encode(...args: unknown[]): string; decode(text: string): unknown[] }>();
  const untyped: HamokEmitterBuilderConfig<Events> = { emitterId: 'untyped', payloadsCodec: codecs };
  const emitter: HamokEmitter<Events, { zone: string }> = hamok.createEmitter<Events, { zone: string }>(options);
  const plain = hamok.getOrCreateEmitter<Events>({ emitterId: 'plain' }, () => undefined);
  const onFailed = (id: string, error: string): void => void [id, error];
  await emitter.subscribe('failed', onFailed, { zone: 'a' });
  await emitter.subscribe('started', (id) => id.length);
  const changed: boolean = await emitter.updateSubscriptionMetaData('failed', { zone: 'b' }, { zone: 'a' });
  const delivered: string[] = await emitter.publish('failed', 'a', 'b');
  const sent: boolean = emitter.notify('started', 'a');
  const listened: boolean = await emitter.hasSubscribers('started', true);
  const cleaned: ReadonlySet<string> | undefined = await emitter.cleanup();
  const { numberOfSubscriptions, numberOfReceivedEventInvocations, numberOfSentEventInvocations } = emitter.stats;
  const stats: HamokEmitterStats = emitter.stats;
  emitter.subscriptions.on('added', (event, peerId, metaData) => [event, peerId, metaData?.zone]);
  emitter.subscriptions.on('removed', (event, peerId, metaData) => [event, peerId, metaData?.zone]);
  emitter.subscriptions.on('updated', (event, peerId, metaData, previous) => [event, peerId, metaData, previous]);
  emitter.subscriptions.on('debug', (text) => text.length);
  for (const [event, peers] of emitter.subscriptions.entries()) void [event, peers.get('a')?.zone];
  const snapshot: HamokEmitterSnapshot = emitter.export();
  emitter.import(snapshot);
  await emitter.unsubscribe('failed', onFailed);
  void [numberOfSubscriptions, numberOfReceivedEventInvocations, numberOfSentEventInvocations];
  void [untyped, plain, changed, delivered, sent, listened, cleaned, stats, emitter.empty];
  emitter.clear();
  emitter.close();
}

export async function remoteMaps(hamok: Hamok, database: Map<string, User>): Promise<void> {
  const remoteMap: RemoteMap<string, User> = {
    async set(key, value, callback) {
      const before = database.get(key);
      database.set(key, value);
      callback?.(before);
    },
    async setAll(entries, callback) {
      const result: RemoteMapUpdateResult<string, User> = { inserted: [], updated: [] };
      for (const [key, value] of entries) {
        const before = database.get(key);
        if (before === undefined) result.inserted.push([key, value]);
        else result.updated.push([key, before, value]);
        database.set(key, value);
      }
      callback?.(result);
    },
    async *iterator() {
      for (const [key, value] of database) yield [key, value] as [string, User];
    },
    get: async (key) => database.get(key),
    keys: async () => database.keys(),
    getAll: async (keys) => new Map([...keys].map((key) => [key, database.get(key)] as [string, User])),
    async remove(key) {
      const before = database.get(key);
      database.delete(key);
      return before;
    },
    async removeAll(keys) {
      return new Map([...keys].map((key) => [key, database.get(key)] as [string, User]));
    },
    clear: async () => database.clear(),
    size: async () => database.size,
  };
  const options: HamokRemoteMapBuilderConfig<string, User> = {
    mapId: 'users',
    remoteMap,
    keyCodec: createHamokJsonBinaryCodec<string>(),
    valueCodec: createHamokJsonBinaryCodec<User>(),
    equalValues: (a, b) => a.age === b.age,
    noEvents: false,
  };
  const map: HamokRemoteMap<string, User> = hamok.createRemoteMap<string, User>(options);
  const same = hamok.getOrCreateRemoteMap<string, User>(options, () => undefined);
  map.on('update', (key, oldValue, newValue) => [key, oldValue.age, newValue.age]).on('insert', (key) => key.length);
  map.emitEvents = false;
  const user: User = { id: 'a', age: 1 };
  const reads: [User | undefined, ReadonlyMap<string, User>, IterableIterator<string>, number, boolean] = [
    await map.get('a'),
    await map.getAll(['a'].values()),
    await map.keys(),
    await map.size(),
    await map.isEmpty(),
  ];
  for await (const [key, value] of map.iterator()) void [key.length, value.age];
  const previous: User | undefined = await map.set('a', user);
  const all: ReadonlyMap<string, User> = await map.setAll(new Map([['a', user]]));
  const inserted: ReadonlyMap<string, User> = await map.insertAll([['a', user]]);
  const flags: boolean[] = [await map.delete('a'), await map.remove('a'), await map.updateIf('a', user, user)];
  const gone: [ReadonlySet<string>, ReadonlyMap<string, User>] = [
    await map.deleteAll(['a']),
    await map.removeAll(['a']),
  ];
  const snapshot: { mapId: string; appliedCommitIndex: number } = map.export();
  map.import(snapshot);
  void [same, reads, previous, await map.insert('a', user), all, inserted, flags, gone, map.remoteMap, map.closed];
  await map.clear();
  map.close();
}

export async function wrong(hamok: Hamok): Promise<void> {
  const map = hamok.createMap<string, number>({ mapId: 'm' });
  // @ts-expect-error: the value is a number
  await map.set('a', 'b');
  // @ts-expect-error: there is no such event
  map.on('changed', () => undefined);
  // @ts-expect-error: a remote map has a storage
  hamok.createRemoteMap<string, number>({ mapId: 'm' });
  // @ts-expect-error: its reads are promises
  const local: number | undefined = hamok.getOrCreateRemoteMap<string, number>({ mapId: 'm', remoteMap: map }).get('a');
  // @ts-expect-error: a map is no storage behind a remote map
  hamok.createRemoteMap<string, number>({ mapId: 'm', remoteMap: new Map<string, number>() });
  const record = hamok.createRecord<Job>({ recordId: 'r' });
  // @ts-expect-error: there is no such field
  await record.set('owner', 'a');
  // @ts-expect-error: tags are a list
  await record.updateIf('tags', 'a', []);
  const emitter = hamok.createEmitter<Events>({ emitterId: 'e' });
  // @ts-expect-error: an argument is missing
  await emitter.publish('failed', 'a');
  // @ts-expect-error: there is no such event
  await emitter.subscribe('ended', () => undefined);
  const queue = hamok.createQueue<Job>({ queueId: 'q' });
  // @ts-expect-error: a job has a name
  await queue.push({ tries: 1, tags: [] });
  void local;
}
