import { describe, expect, it } from 'vitest';
import { settle } from '../src/testing/index.js';
import { startGrid } from './grid.js';

async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'resolved',
    ({ code, mayHaveHappened }) => ({ code, mayHaveHappened }),
  );
}

describe('a session', () => {
  it('keeps calls until it is open, and bounds them', async () => {
    const { clock, grid, make } = await startGrid(1, { maxInFlight: 3 });
    grid.holding = true;
    const engine = grid.join('b@1');
    const b = make('b@1');
    const map = b.createMap<string, number>({ mapId: 'm' });
    await b.start();
    // Making the map known is the first of three.
    const calls = [map.set('a', 1), map.set('a', 2)];
    expect(await rejection(map.set('a', 3))).toEqual({ code: 'busy', mayHaveHappened: false });
    expect(engine.status().applied).toBe(-1);
    grid.holding = false;
    grid.commit();
    await settle();
    expect(await Promise.all(calls)).toEqual([undefined, 1]);
    b.close();
    expect(clock.pendingTimers).toBe(0);
  });

  it('ends the wait of a call that was never sent, and does not send it later', async () => {
    const { clock, grid, member } = await startGrid(1);
    const map = member(0).createMap<string, number>({ mapId: 'm' });
    await map.ready;
    grid.fate = () => 'refuse';
    const timed = map.set('a', 1, { timeoutInMs: 300 });
    const abort = new AbortController();
    const aborted = map.set('b', 1, { signal: abort.signal });
    const outcomes = Promise.all([rejection(timed), rejection(aborted)]);
    await clock.advance(100);
    abort.abort();
    await clock.advance(300);
    expect(await outcomes).toEqual([
      { code: 'not-committed', mayHaveHappened: false },
      { code: 'not-committed', mayHaveHappened: false },
    ]);
    grid.fate = () => 'commit';
    await clock.advance(2000);
    expect(await map.set('c', 1)).toBe(undefined);
    expect([...map.keys()]).toEqual(['c']);
  });

  it('ends the wait of a call that may be made, and makes it', async () => {
    const { clock, grid, member } = await startGrid(1);
    const map = member(0).createMap<string, number>({ mapId: 'm' });
    await map.ready;
    grid.fate = () => 'lose';
    const timed = rejection(map.set('a', 1, { timeoutInMs: 300 }));
    const abort = new AbortController();
    const aborted = rejection(map.set('b', 1, { signal: abort.signal }));
    abort.abort();
    await clock.advance(400);
    expect(await timed).toEqual({ code: 'indeterminate', mayHaveHappened: true });
    expect(await aborted).toEqual({ code: 'indeterminate', mayHaveHappened: true });
    grid.fate = () => 'commit';
    await clock.advance(2000);
    expect([...map]).toEqual([
      ['a', 1],
      ['b', 1],
    ]);
  });

  it('refuses what was aborted before, or cannot wait, without sending it', async () => {
    const { grid, member } = await startGrid(1);
    const map = member(0).createMap<string, number>({ mapId: 'm' });
    await map.ready;
    const length = grid.log.length;
    expect(await rejection(map.set('a', 1, { signal: AbortSignal.abort() }))).toEqual({
      code: 'not-committed',
      mayHaveHappened: false,
    });
    expect(await rejection(map.set('a', 1, { timeoutInMs: -1 }))).toEqual({ code: 'option', mayHaveHappened: false });
    expect(grid.log.length).toBe(length);
  });

  it('refuses a change that is too large before it takes a sequence', async () => {
    const { grid, member } = await startGrid(1, { maxCommandBytes: 4096 });
    const map = member(0).createMap<string, string>({ mapId: 'm' });
    await map.ready;
    const length = grid.log.length;
    expect(await rejection(map.set('a', 'x'.repeat(4096)))).toEqual({ code: 'too-large', mayHaveHappened: false });
    const keys = Array.from({ length: 300 }, (_, i) => `key-${i}`);
    expect(await rejection(map.deleteAll(keys))).toEqual({ code: 'too-large', mayHaveHappened: false });
    expect(grid.log.length).toBe(length);
    expect(await map.set('a', 'x')).toBe(undefined);
  });

  it('ends its calls when the member leaves, and goes on when it returns as another incarnation', async () => {
    const { clock, grid, member } = await startGrid(2);
    const map = member(1).createMap<string, number>({ mapId: 'm' });
    await map.set('a', 1);
    grid.fate = () => 'lose';
    const outcome = rejection(map.set('a', 2));
    await settle();
    grid.fate = () => 'commit';
    await grid.reincarnate('b@1', 'b@2');
    expect(await outcome).toEqual({ code: 'indeterminate', mayHaveHappened: true });
    await settle();
    expect(await map.set('a', 3)).toBe(1);
    expect(member(0).machine.members).toEqual(['a@1', 'b@2']);
    await clock.advance(10_000);
    expect(map.get('a')).toBe(3);
  });

  it('does not know of what is on its way when the member leaves, or fails, whether it is made', async () => {
    const { clock, grid, member } = await startGrid(2);
    const map = member(1).createMap<string, number>({ mapId: 'm' });
    await map.ready;
    grid.fate = () => 'delay';
    const left = rejection(map.set('a', 1));
    await settle();
    await grid.reincarnate('b@1', 'b@2');
    expect(await left).toEqual({ code: 'indeterminate', mayHaveHappened: true });
    await settle();
    const failed = rejection(map.set('a', 2));
    await settle();
    member(1).machine.failed(new Error('the disk is full'));
    expect(await failed).toEqual({ code: 'indeterminate', mayHaveHappened: true });
    await clock.advance(10_000);
  });

  it('ends everything when it is closed, and leaves no timer', async () => {
    const { clock, grid, member } = await startGrid(1);
    const map = member(0).createMap<string, number>({ mapId: 'm' });
    await map.ready;
    grid.holding = true;
    const outcome = rejection(map.set('a', 1));
    await settle();
    member(0).close();
    member(0).close();
    expect(await outcome).toEqual({ code: 'closed', mayHaveHappened: true });
    expect(await rejection(map.set('a', 1))).toEqual({ code: 'closed', mayHaveHappened: false });
    expect(() => member(0).createMap({ mapId: 'n' })).toThrow(expect.objectContaining({ code: 'closed' }));
    expect(clock.pendingTimers).toBe(0);
  });

  it('notices a proposal that nobody answers', async () => {
    const { clock, grid, member } = await startGrid(1);
    const map = member(0).createMap<string, number>({ mapId: 'm' });
    await map.ready;
    grid.fate = () => 'delay';
    const set = map.set('a', 1);
    await settle();
    grid.fate = () => 'commit';
    await clock.advance(1500);
    expect(await set).toBe(undefined);
    grid.release();
    await settle();
    expect(map.get('a')).toBe(1);
  });

  it('sends again at once what was committed after a gap', async () => {
    const { clock, grid, member } = await startGrid(1);
    const map = member(0).createMap<string, number>({ mapId: 'm' });
    await map.ready;
    grid.checking = false;
    grid.fate = () => 'delay';
    const first = map.set('a', 1);
    grid.fate = () => 'commit';
    const second = map.set('a', 2);
    await settle();
    expect(map.get('a')).toBe(undefined);
    grid.release();
    await clock.advance(20);
    expect([await first, await second]).toEqual([undefined, 1]);
  });

  it('gives way when the leader will never take a command', async () => {
    const { clock, member } = await startGrid(1);
    const map = member(0).createMap<string, string>({ mapId: 'm' });
    await map.ready;
    // The door of a stricter leader.
    const machine = member(0).machine;
    const admit = machine.admit.bind(machine);
    // Like an engine that refuses a whole frame from its first refused command on.
    let refusing = false;
    machine.admit = (from, command) => {
      refusing ||= command.length > 300;
      return refusing ? 'too-large' : admit(from, command);
    };
    const outcome = rejection(map.set('a', 'x'.repeat(500)));
    const next = map.set('b', 'y');
    await settle();
    refusing = false;
    await clock.advance(1000);
    expect(await outcome).toEqual({ code: 'not-committed', mayHaveHappened: false });
    expect(await next).toBe(undefined);
    expect([...map.keys()]).toEqual(['b']);
  });
});
