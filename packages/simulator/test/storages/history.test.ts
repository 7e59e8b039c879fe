import { beforeEach, describe, expect, it } from 'vitest';
import type { Change } from '../../src/storages/changes.js';
import { History } from '../../src/storages/history.js';

let now = 0;
let horizon: number | undefined;
let history: History;

beforeEach(() => {
  now = 0;
  horizon = undefined;
  history = new History(
    () => now,
    () => horizon ?? now,
  );
});

/** It takes a millisecond, and what comes next begins after it. */
function done(change: Change): void {
  now++;
  history.acknowledge(change);
  now++;
}

const read = (values: readonly number[], begin = now): void => history.read('k', values, begin, 'a read');

describe('what is read of a key', () => {
  it('is what was acknowledged last, or what is not acknowledged', () => {
    done(history.write('k', 1, undefined));
    done(history.write('k', 2, undefined));
    history.write('k', 3, undefined);
    read([2]);
    read([3]);
    expect(() => read([1])).toThrow('gave 1');
    expect(() => read([])).toThrow('gave nothing');
    read([1], 0);
  });

  it('is nothing that was refused, or that nobody wrote', () => {
    history.forget(history.write('k', 1, undefined));
    const broken = expect.objectContaining({ invariant: 'nothing is read that nobody wrote' });
    expect(() => read([1])).toThrow(broken);
    expect(() => read([2])).toThrow(broken);
    read([]);
  });

  it('is one value of each writer', () => {
    done(history.write('k', 1, 'a'));
    done(history.write('k', 2, 'a'));
    done(history.write('k', 3, 'b'));
    read([2, 3]);
    expect(() => read([2, 1])).toThrow(expect.objectContaining({ invariant: 'nothing is merged twice' }));
    expect(() => read([3])).toThrow(expect.objectContaining({ invariant: 'nothing acknowledged is lost' }));
  });

  it('is not what was read before something else was written, and comes back', () => {
    done(history.write('k', 1, undefined));
    history.write('k', 2, undefined, 7);
    read([2]);
    now++;
    done(history.write('k', 3, undefined, 8));
    read([3]);
    expect(() => read([2])).toThrow('gave 2');
  });

  it('is not what a member asked for before what it asked for last, once that is acknowledged', () => {
    history.write('k', 1, undefined, 7);
    history.write('k', 2, undefined, 8);
    done(history.write('k', 3, undefined, 7));
    read([2]);
    read([3]);
    expect(() => read([1])).toThrow('gave 1');
  });

  it('is told apart however much was written since, as long as a call lasts that began before', () => {
    done(history.write('k', 1, undefined));
    const open = history.write('k', 2, undefined);
    done(history.write('k', 3, undefined));
    const begin = now;
    horizon = begin;
    for (let value = 4; value < 1000; value++) done(history.write('k', value, undefined));
    read([500], begin);
    read([3], begin);
    expect(() => read([1], begin)).toThrow('gave 1');
    horizon = undefined;
    for (let value = 1000; value < 2000; value++) done(history.write('k', value, undefined));
    expect(() => read([500])).toThrow('gave 500');
    read([2]);
    done(open);
    read([2]);
    read([1999]);
  });
});

describe('a report of a loss', () => {
  it('is a deletion where a key has one value, and else may be one', () => {
    done(history.write('k', 1, undefined));
    history.reported('k', true);
    read([]);
    now++;
    expect(() => read([1])).toThrow('gave 1');
  });

  it('takes the place of nothing where each writes a value, and lasts until something is written', () => {
    done(history.write('k', 1, 'a'));
    done(history.write('k', 2, 'b'));
    history.reported('k', false);
    read([1, 2]);
    read([1]);
    now++;
    done(history.write('k', 3, 'b'));
    read([3]);
    expect(() => read([1])).toThrow('gave nothing');
  });

  it('is missed where there should be one', () => {
    done(history.write('k', 1, undefined));
    history.lossesHaveToBeTold = true;
    expect(() => read([])).toThrow(expect.objectContaining({ invariant: 'losses are told, and only they' }));
  });
});

it('knows at rest what is there: what was open before explains nothing any more', () => {
  done(history.write('k', 1, undefined));
  history.delete('k');
  history.write('k', 2, undefined);
  history.rested(new Map([['k', [2]]]));
  now++;
  read([2]);
  expect(() => read([1])).toThrow('gave 1');
  expect(() => read([])).toThrow('gave nothing');
  history.rested(new Map());
  now++;
  read([]);
  expect(() => read([2])).toThrow('gave 2');
});

it('counts what must be there, and no more than may be', () => {
  done(history.write('k', 1, undefined));
  done(history.delete('l'));
  history.write('l', 2, undefined);
  const count = (size: number, isPartial = false) => history.counted(size, isPartial, now, 'a count');
  count(1);
  count(2);
  expect(() => count(0)).toThrow('at least 1');
  count(0, true);
  expect(() => count(4)).toThrow('at most 3');
});

describe('what a report of a loss may name, though no more have gone than there are copies', () => {
  it('is what was not acknowledged, or is being deleted', () => {
    const written = history.write('k', 1, undefined);
    expect(history.isUnacknowledged('k')).toBe(true);
    done(written);
    expect(history.isUnacknowledged('k')).toBe(false);
    const deleted = history.delete('k');
    expect(history.isUnacknowledged('k')).toBe(true);
    history.forget(deleted);
    expect(history.isUnacknowledged('k')).toBe(false);
    done(history.delete('k'));
    expect(history.isUnacknowledged('k')).toBe(false);
    expect(history.isUnacknowledged('another')).toBe(false);
  });
});
