import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Deadlines, type Timed } from '../src/replicated/deadlines.js';

interface Item extends Timed {
  readonly name: number;
}

const item = (name: number): Item => ({ name, deadline: Number.POSITIVE_INFINITY, place: -1 });
const step = fc.record({ name: fc.nat(12), deadline: fc.option(fc.nat(5), { nil: undefined }) });

describe('deadlines', () => {
  it('are in order, equal ones by their items, however they came in, moved and left', () =>
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const deadlines = new Deadlines<Item>((a, b) => a.name < b.name);
        const items = Array.from({ length: 13 }, (_, name) => item(name));
        const model = new Map<number, number>();
        for (const { name, deadline } of steps) {
          const each = items[name];
          if (each === undefined) throw new Error('no such item');
          if (deadline === undefined) {
            deadlines.delete(each);
            model.delete(name);
          } else {
            deadlines.set(each, deadline);
            model.set(name, deadline);
          }
          expect(deadlines.earliest).toBe(Math.min(Number.POSITIVE_INFINITY, ...model.values()));
          expect(deadlines.size).toBe(model.size);
        }
        const expected = [...model].sort(([a, at], [b, bt]) => at - bt || a - b);
        const order: [number, number][] = [];
        for (let due = deadlines.due(5); due !== undefined; due = deadlines.due(5)) {
          order.push([due.name, due.deadline]);
          deadlines.delete(due);
        }
        expect(order).toEqual(expected);
        expect(items.every(({ place, deadline }) => place === -1 && deadline === Number.POSITIVE_INFINITY)).toBe(true);
      }),
    ));

  it('gives nothing before its time', () => {
    const deadlines = new Deadlines<Item>((a, b) => a.name < b.name);
    const only = item(1);
    deadlines.set(only, 10);
    expect([deadlines.due(9), deadlines.due(10)]).toEqual([undefined, only]);
    deadlines.clear();
    expect([deadlines.due(10), deadlines.size, only.place]).toEqual([undefined, 0, -1]);
  });
});
