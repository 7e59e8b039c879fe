import { describe, expect, it } from 'vitest';
import { startGrid } from './grid.js';

describe('a listener that throws', () => {
  it('costs those behind it that one event, and nothing else', async () => {
    const { member, errors } = await startGrid(1);
    const map = member(0).createMap<string, number>({ mapId: 'm' });
    const heard: string[] = [];
    map.on('insert', (key) => void heard.push(`first ${key}`));
    map.once('insert', () => {
      throw new Error('once');
    });
    map.on('insert', (key) => void heard.push(`last ${key}`));
    await map.set('a', 1);
    await map.set('b', 2);
    expect(heard).toEqual(['first a', 'first b', 'last b']);
    expect(errors).toMatchObject([{ code: 'listener', cause: { message: 'once' } }]);
    expect([...map.keys()]).toEqual(['a', 'b']);
  });

  it('costs the others of a replicated emitter nothing', async () => {
    const { member, errors } = await startGrid(1);
    const emitter = member(0).createEmitter<{ e: [number] }>({ emitterId: 'e' });
    const heard: number[] = [];
    await emitter.subscribe('e', () => {
      throw new Error('thrown');
    });
    await emitter.subscribe('e', (n) => void heard.push(n));
    await emitter.publish('e', 1);
    expect(heard).toEqual([1]);
    expect(errors).toMatchObject([{ code: 'listener' }]);
  });
});
