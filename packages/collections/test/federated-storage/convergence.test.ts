import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Collections } from '../../src/index.js';
import { settle } from '../../src/testing/index.js';
import { gridOfStorages } from '../grid-of-storages.js';

/** Commutative, associative, idempotent: a set that only grows, as a sorted list. */
const union = (versions: readonly (readonly number[])[]): readonly number[] =>
  [...new Set(versions.flat())].sort((a, b) => a - b);

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('add' as const), at: fc.nat(2), key: fc.nat(1) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('read' as const), at: fc.nat(2), key: fc.nat(1) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('lose', 'double', 'carry', 'time') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('leave' as const), at: fc.integer({ min: 1, max: 2 }) }) },
);

describe('a federated storage with a merge that is commutative, associative and idempotent', () => {
  it('converges on all members under any loss, duplication and order, and loses nothing acknowledged', () =>
    fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), fc.infiniteStream(fc.nat(3)), async (steps, fates) => {
        const merge = union;
        const requestTimeoutInMs = 15_000; // No run is as long as that.
        const { grid, clock, at, now } = await gridOfStorages(3, (member: Collections) =>
          member.createFederatedStorage<number, readonly number[]>({ storageId: 'f', merge, requestTimeoutInMs }),
        );
        const fate = fates[Symbol.iterator]();
        let noise: 'lose' | 'double' | 'carry' = 'carry';
        grid.copiesOfFrame = () => {
          if (noise === 'carry') return 1;
          const draw = Number(fate.next().value);
          return noise === 'double' ? 1 + (draw % 2) : draw === 0 ? 0 : 1;
        };
        const acknowledged: [key: number, value: number][] = [];
        const calls: { readonly at: number; readonly done: Promise<unknown> }[] = [];
        const call = (position: number, done: Promise<unknown>): void => {
          done.catch(() => undefined);
          calls.push({ at: position, done });
        };
        const written = [0, 1, 2].map(() => new Map<number, readonly number[]>());
        let gone: number | undefined;
        let next = 0;
        for (const each of steps) {
          if (each.do === 'add' && each.at !== gone) {
            const value = ++next;
            // Built on the one that it wrote before, which may still wait for its turn behind a read.
            const versions = written[each.at] ?? expect.fail();
            const version = union([versions.get(each.key) ?? [], [value]]);
            versions.set(each.key, version);
            const added = at(each.at).set(each.key, version);
            call(
              each.at,
              added.then(() => acknowledged.push([each.key, value])),
            );
            await settle();
          }
          if (each.do === 'read' && each.at !== gone) call(each.at, at(each.at).get(each.key));
          if (each.do === 'lose' || each.do === 'double' || each.do === 'carry') noise = each.do;
          if (each.do === 'time') await clock.advance(400);
          if (each.do === 'leave' && gone === undefined) {
            gone = each.at;
            grid.leave(['a@1', 'b@1', 'c@1'][each.at] ?? '');
          }
        }
        noise = 'carry';
        await clock.advance(20_000);
        // A read of the one that left waited for it to return, until its time was over.
        const ended = await now(Promise.allSettled(calls.map(({ done }) => done)));
        expect(calls.filter((each, i) => each.at !== gone && ended[i]?.status !== 'fulfilled')).toEqual([]);
        const left = [0, 1, 2].filter((i) => i !== gone);
        for (const key of [0, 1]) {
          const reads = await now(Promise.all(left.map((i) => at(i).get(key))));
          for (const read of reads) expect(read).toEqual(reads[0]);
          for (const [of, value] of acknowledged) if (of === key) expect(reads[0]).toContain(value);
        }
      }),
      { numRuns: 25 },
    ));
});
