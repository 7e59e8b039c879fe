import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestGrid } from '../support/test-grid.js';

const ids = ['a', 'b', 'c'];
let grid: TestGrid;

beforeEach(() => {
  grid = new TestGrid();
});

afterEach(async () => {
  await grid.stop();
  await grid.clock.advance(100);
  expect(grid.clock.pending, 'timers left behind').toBe(0);
});

describe('a hello of the program', () => {
  it('is answered by members and by those that are none, each with what it knows', async () => {
    const [a] = await grid.startAll(ids);
    await grid.leader();
    const stranger = await grid.start('x', { bootstrap: false, peers: ['x', 'y'], learner: true });
    await grid.start('y', { gridName: 'another' });
    grid.network.partition(['b']);
    const began = grid.clock.now();
    const found = await grid.settle(stranger.node.fetchPeers(1000));
    expect(grid.clock.now() - began).toBe(1000);
    const known = { gridId: a?.node.gridId, memberIds: expect.arrayContaining(ids), customResponse: undefined };
    expect(found.map(({ peerId }) => peerId).sort()).toEqual(['a', 'c']);
    for (const peer of found) expect(peer).toMatchObject(known);
    grid.network.heal();
    const back = await grid.settle(a?.node.fetchPeers(1000) ?? Promise.reject());
    expect(back.map(({ peerId }) => peerId).sort()).toEqual(['b', 'c', 'x']);
  });

  it('finds who is in no grid', async () => {
    const [a] = await Promise.all(['a', 'b'].map((id) => grid.start(id, { bootstrap: false })));
    const found = await grid.settle(a?.node.fetchPeers(100) ?? Promise.reject());
    const none = { gridId: undefined, leaderId: undefined, memberIds: [], customResponse: undefined };
    expect(found).toEqual([{ peerId: 'b', ...none }]);
  });

  it('carries a request, which the program on the other side may answer', async () => {
    const [a, b, c] = await grid.startAll(ids);
    await grid.leader();
    b?.node.on('hello-notification', (peerId, request) => request?.respond(`${request.customRequest} ${peerId}?`));
    c?.node.on('hello-notification', () => {
      throw new Error('no answer');
    });
    const found = await grid.settle(a?.node.fetchPeers(100, 'who is') ?? Promise.reject());
    expect(new Map(found.map(({ peerId, customResponse }) => [peerId, customResponse]))).toEqual(
      new Map([
        ['b', 'who is a?'],
        ['c', undefined],
      ]),
    );
  });

  it('ends with the node', async () => {
    const a = await grid.start('a', { peers: ['a'] });
    const asked = a.node.fetchPeers(60_000);
    const outcome = expect(asked).rejects.toMatchObject({ code: 'closed' });
    await grid.kill(a);
    await outcome;
    await expect(a.node.fetchPeers(100)).rejects.toMatchObject({ code: 'closed' });
  });

  it.each([Symbol('request'), 5, null, {}])('is refused where its request is no text: %s', async (request) => {
    const a = await grid.start('a', { peers: ['a'] });
    const asked = Reflect.apply(a.node.fetchPeers, a.node, [60_000, request]);
    await expect(grid.settle(asked, 1000)).rejects.toMatchObject({ code: 'configuration', field: 'customRequest' });
  });
});
