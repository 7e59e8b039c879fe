import { expect, it } from 'vitest';
import { RaftCore } from '../../src/core/raft-core.js';
import { MemorySnapshotStore, type SnapshotMeta, type SnapshotWriter } from '../../src/index.js';
import { defaultSnapshotPolicy } from '../../src/snapshots/snapshot-policy.js';
import { Snapshots } from '../../src/snapshots/snapshots.js';
import { entryEncoder, wrapPayload } from '../../src/wire/entries.js';
import { bytes, ListMachine } from '../support/test-grid.js';
import { VirtualClock } from '../support/virtual-clock.js';

const configuration = { voters: ['a@1', 'b@1', 'c@1'], learners: [] };

/** What it is given to keep waits until the test lets it go on, or fail. */
class HeldStore extends MemorySnapshotStore {
  readonly held: { readonly goOn: () => void; readonly fail: () => void }[] = [];

  override create(meta: SnapshotMeta): SnapshotWriter {
    const writer = super.create(meta);
    return {
      append: async (chunk) => {
        await new Promise<void>((goOn, reject) => {
          this.held.push({ goOn, fail: () => reject(new Error('no space left on device')) });
        });
        await writer.append(chunk);
      },
      complete: () => writer.complete(),
      abort: () => writer.abort(),
    };
  }
}

/** A follower, whose leaders the test plays. */
function follower() {
  const clock = new VirtualClock();
  const machine = new ListMachine();
  const store = new HeldStore();
  const warnings: string[] = [];
  const core = new RaftCore({ self: 'c@1', configuration, random: () => 0.5, encoder: entryEncoder, now: 0 });
  const snapshots = new Snapshots({
    gridId: 'g',
    core,
    machine,
    store,
    policy: defaultSnapshotPolicy,
    restored: undefined,
    clock,
    applied: () => ({ position: core.log.get(core.log.appliedIndex) ?? core.log.base, configuration }),
    wake: () => {},
    compacted: () => {},
    installed: () => {},
    exported: () => {},
    failed: (error) => warnings.push(`failed: ${error}`),
    warn: (error) => warnings.push(`${error}`),
  });
  const carryOut = (): void => {
    for (let ready = core.ready(); ready; ready = core.ready()) {
      snapshots.received(ready.snapshotChunks);
      for (const { index, term, time, kind, data } of ready.committed) {
        if (kind === 'command') machine.apply({ index, term, time, data });
        core.applied(index);
      }
    }
  };
  const chunk = (from: string, term: number, index: number, state: string, done: boolean): void => {
    const position = { index, term: 1, time: 0 };
    const data = bytes(state);
    core.step({ type: 'snapshot-request', from, to: 'c@1', term, position, configuration, offset: 0, data, done }, 0);
    carryOut();
  };
  const command = (from: string, term: number, prevLogIndex: number, text: string): void => {
    const index = prevLogIndex + 1;
    const entry = { index, term, time: 0, kind: 'command' as const, data: wrapPayload(bytes(text)) };
    const after = { prevLogIndex, prevLogTerm: Math.min(1, index), entries: [entry], commitIndex: index, round: 0 };
    core.step({ type: 'append-request', from, to: 'c@1', term, ...after }, 0);
    carryOut();
  };
  const settle = (): Promise<boolean> => clock.runUntil(() => false, 0);
  return { core, machine, store, warnings, snapshots, chunk, command, settle };
}

it.each(['could not be kept', 'gave way to one that is taken here'])(
  'a snapshot that came in behind one that %s is not restored once that is forgotten',
  async (why) => {
    const { core, machine, store, warnings, snapshots, chunk, command, settle } = follower();
    command('a@1', 1, -1, 'first');
    chunk('a@1', 1, 20, '["first",', false);
    await settle();
    const taken = why.startsWith('gave way') ? snapshots.take() : undefined;
    // Another leader's, all in one.
    chunk('b@1', 2, 30, '["first","up to 30"]', true);
    expect(core.isInstalling).toBe(true);
    if (taken === undefined) store.held[0]?.fail();
    else store.held[0]?.goOn();
    await settle();
    expect(core.isInstalling).toBe(false);
    // That leader sends it again, and goes on behind it.
    chunk('b@1', 2, 30, '["first","up to 30"]', true);
    for (let round = 0; round < 4; round++) {
      await settle();
      for (const { goOn } of store.held) goOn();
      await settle();
      if (core.log.appliedIndex === 30) command('b@1', 2, 30, 'thirty-first');
    }
    await taken;
    expect(machine.applied).toEqual(['first', 'up to 30', 'thirty-first']);
    expect(machine.restores).toBe(1);
    expect(core.log.appliedIndex).toBe(31);
    expect(warnings).toEqual(taken === undefined ? ['Error: no space left on device'] : []);
  },
);
