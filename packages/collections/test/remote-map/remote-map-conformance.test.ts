import { describe, it } from 'vitest';
import type { RemoteMap } from '../../src/index.js';
import { remoteMapConformance, TestDatabase } from '../../src/testing/index.js';
import { gridInMemory, singleMember } from '../grids-under-test.js';
import { legacyMap } from './legacy-map.js';

const storages = {
  'a storage': () => {
    const database = new TestDatabase<string, number>();
    return (member: number) => database.client(`${member}`);
  },
  'a storage with transactions': () => {
    const database = new TestDatabase<string, number>();
    return (member: number) => database.transactionalClient(`${member}`);
  },
  'a remote map of 2.6': () => {
    const shared: RemoteMap<string, number> = legacyMap(new Map());
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
