import { afterEach, describe, it } from 'vitest';
import { memoryStorage, type RemoteMap } from '../../src/index.js';
import { sqliteStorage } from '../../src/storage/sqlite/index.js';
import { remoteMapConformance, TestDatabase } from '../../src/testing/index.js';
import { gridInMemory, singleMember } from '../grids-under-test.js';
import { type OpenedSqlite, openWasm } from '../storage/sqlite/sqlite.js';
import { carelessMap, legacyMap } from './legacy-map.js';

const opened: OpenedSqlite[] = [];

afterEach(() => {
  for (const { close } of opened.splice(0)) close();
});

const storages = {
  'a storage': () => {
    const database = new TestDatabase<string, number>();
    return (member: number) => database.client(`${member}`);
  },
  'a storage with transactions': () => {
    const database = new TestDatabase<string, number>();
    return (member: number) => database.transactionalClient(`${member}`);
  },
  'a storage in memory': () => {
    const shared = memoryStorage<string, number>({ id: 's' });
    return () => shared;
  },
  'a storage in SQLite': () => {
    const sqlite = openWasm();
    opened.push(sqlite);
    const shared = sqliteStorage<string, number>({ id: 's', database: sqlite.database });
    return () => shared;
  },
  'a remote map of 2.6': () => {
    const shared: RemoteMap<string, number> = legacyMap(new Map());
    return () => shared;
  },
  'a remote map of 2.6 that gives undefined for what is missing': () => {
    const shared: RemoteMap<string, number> = carelessMap(new Map());
    return () => shared;
  },
};

describe.each(Object.entries(storages))('with %s', (_, createStorages) => {
  describe('over the single-member engine', () => {
    remoteMapConformance({ describe, it }, [1], singleMember, createStorages);
  });
  describe('over a grid in memory', () => {
    remoteMapConformance({ describe, it }, [1, 3], gridInMemory, createStorages);
  });
});
