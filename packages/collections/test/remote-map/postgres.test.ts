import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postgresStorage } from '../../src/storage/postgres/index.js';
import { remoteMapConformance } from '../../src/testing/index.js';
import { startGrid } from '../grid.js';
import { gridInMemory } from '../grids-under-test.js';
import { PostgresServer } from '../storage/servers/postgres-server.js';
import { reportMissing } from '../storage/servers/programs.js';

if (!PostgresServer.isInstalled) reportMissing('PostgreSQL');

/** So long that it ends nothing on a machine that has much else to do. */
const requestTimeoutInMs = 60_000;

describe.skipIf(!PostgresServer.isInstalled)('over PostgreSQL', () => {
  let server: PostgresServer;
  let pools: pg.Pool[] = [];
  let made = 0;

  beforeAll(async () => {
    server = await PostgresServer.start();
    pools = Array.from({ length: 3 }, () => server.openPool(4));
  });

  afterAll(async () => {
    await Promise.all(pools.map((pool) => pool.end()));
    server?.close();
  });

  /** A way of its own for each member, as from processes of their own. */
  function storages(): (member: number) => ReturnType<typeof postgresStorage<string, number>> {
    const id = `remote-${++made}`;
    return (member) => {
      const pool = pools[member];
      if (pool === undefined) throw new Error(`no member ${member}`);
      return postgresStorage<string, number>({ id, pool, requestTimeoutInMs });
    };
  }

  remoteMapConformance({ describe, it }, [3], gridInMemory, storages);

  it('each change is made once, while the leader changes again and again', async () => {
    const { grid, clock, members } = await startGrid(3);
    const storageOf = storages();
    const maps = members.map((member, i) =>
      member.createRemoteMap<string, number>({
        mapId: 'm',
        remoteMap: storageOf(i),
        requestTimeoutInMs: 1e9,
        // The clock has nothing to do with how long the database takes.
        storageTimeoutInMs: Number.POSITIVE_INFINITY,
      }),
    );
    const count = 150;
    let ended = false;
    const writing = Promise.all(Array.from({ length: count }, (_, i) => maps[2]?.set('k', i))).finally(() => {
      ended = true;
    });
    for (let turn = 0; !ended; turn++) {
      await clock.advance(100);
      // In the midst of whatever the database is at.
      await storageOf(0).get('k');
      if (turn % 3 === 2) grid.changeLeader(['a@1', 'b@1', 'c@1'][(turn % 7) % 3] ?? 'a@1');
    }
    expect(await writing).toEqual([undefined, ...Array.from({ length: count - 1 }, (_, i) => i)]);
    expect(await storageOf(1).get('k')).toBe(count - 1);
    for (const member of members) member.close();
    expect(clock.pendingTimers).toBe(0);
  });
});
