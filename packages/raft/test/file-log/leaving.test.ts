import { expect, it } from 'vitest';
import { FileLog } from '../../src/file-log/index.js';
import { MemorySnapshotStore } from '../../src/index.js';
import { TestGrid } from '../support/test-grid.js';
import { FaultyFileSystem } from './faulty-file-system.js';

it('a member that leaves while its disk is full lets go of its log, closes its transport, and says why', async () => {
  const grid = new TestGrid();
  const disk = new FaultyFileSystem(grid.random);
  const peers = ['a', 'b', 'c'];
  await grid.startAll(['a', 'b'], { peers });
  const transport = grid.network.transport();
  const close = transport.close.bind(transport);
  transport.close = async () => {
    await close();
    throw new Error('the network is gone');
  };
  const snapshotStore = new MemorySnapshotStore();
  const logStore = new FileLog('/log', { fileSystem: disk });
  const leaving = await grid.start('c', { peers, logStore, snapshotStore, transport });
  await grid.until(() => leaving.node.joined);
  await grid.settle(leaving.node.leave());
  const before = leaving.errors.length;
  disk.failure = new Error('ENOSPC: no space left on device');
  disk.failsFrom = disk.calls;
  await expect(leaving.node.stop()).rejects.toThrow('the network is gone');
  expect(leaving.errors.slice(before)).toMatchObject([
    { code: 'log-failed', message: expect.stringContaining('ENOSPC') },
  ]);
  expect(disk).toMatchObject({ openFiles: 0, locked: false });
  disk.failsFrom = Number.POSITIVE_INFINITY;
  grid.members.splice(grid.members.indexOf(leaving), 1);
  const again = await grid.start('c', {
    peers,
    logStore: new FileLog('/log', { fileSystem: disk }),
    snapshotStore,
  });
  await grid.until(() => again.node.joined);
  await grid.stop();
});
