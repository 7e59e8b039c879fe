import { describe, expect, it } from 'vitest';
import { Collections, SingleMemberEngine } from '../src/index.js';

describe('smoke', () => {
  it('sets and gets', async () => {
    const collections = new Collections(new SingleMemberEngine());
    const map = collections.createMap<string, number>({ mapId: 'm', baseMap: new Map([['z', 9]]) });
    await collections.start();
    expect(await map.set('a', 1)).toBe(undefined);
    expect(await map.set('a', 2)).toBe(1);
    expect(map.get('a')).toBe(2);
    expect(await map.insert('a', 3)).toBe(2);
    expect(await map.updateIf('a', 5, 2)).toBe(true);
    expect(
      await map.setAll([
        ['b', 1],
        ['a', 7],
      ]),
    ).toEqual(new Map([['a', 5]]));
    expect([...map]).toEqual([
      ['z', 9],
      ['a', 7],
      ['b', 1],
    ]);
    expect(await map.removeAll(['a', 'q'])).toEqual(new Map([['a', 7]]));
    expect(await map.deleteAll(['b', 'q'])).toEqual(new Set(['b']));
    expect(await map.delete('z')).toBe(true);
    collections.close();
  });
});
