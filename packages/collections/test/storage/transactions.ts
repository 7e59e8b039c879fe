import { expect, it } from 'vitest';
import type { StorageView, TransactionalStorage } from '../../src/index.js';
import { told } from './told.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (note: Uint8Array | undefined): string | undefined => note && new TextDecoder().decode(note);

/**
 * What storages with transactions promise, to be called within a `describe`.
 *
 * @param open opens a storage of its own over the entries with that id, as another process would where the database has several connections
 */
export function transactionCases(open: (id: string) => TransactionalStorage<string, number>): void {
  let made = 0;
  const openNew = () => open(`transacted-${++made}`);

  it('makes changes together with their note, and tells of them then', async () => {
    const storage = openNew();
    await storage.setAll([
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ]);
    const events = told(storage);
    const seen: unknown[] = [];
    await storage.transact('log', async (entries, note) => {
      seen.push(text(note), await entries.get('a'), await entries.size());
      seen.push(await entries.set('a', 10), await entries.get('a'));
      seen.push([...(await entries.setAll([['d', 4]]))], await entries.insert('b', 20), await entries.insert('e', 5));
      seen.push([...(await entries.insertAll([['e', 6]]))], await entries.delete('c'), await entries.delete('x'));
      seen.push([...(await entries.deleteAll(['d', 'x']))], [...(await entries.getAll(['a', 'b', 'c', 'd', 'e']))]);
      seen.push([...(await entries.keys())].sort(), await entries.size(), events.length);
      return bytes('one');
    });
    expect(seen).toEqual([
      ...[undefined, 1, 3],
      ...[1, 10],
      ...[[], 2, undefined],
      ...[[['e', 5]], true, false],
      ...[['d'], [['a', 10], ['b', 2], ['e', 5]]], // biome-ignore format: one line
      ...[['a', 'b', 'e'], 3, 0],
    ]);
    expect(events).toEqual([
      ['updated', 'a', 1, 10],
      ['created', 'd', 4],
      ['created', 'e', 5],
      ['deleted', 'c', 3],
      ['deleted', 'd', 4],
    ]);
    expect([...(await storage.keys())].sort()).toEqual(['a', 'b', 'e']);
    await storage.transact('log', async (_, note) => {
      expect(text(note)).toBe('one');
      return undefined;
    });
    await storage.transact('other', async (_, note) => {
      expect(note).toBeUndefined();
      return undefined;
    });
  });

  it('keeps its notes through a clear, which a transaction can make too', async () => {
    const storage = openNew();
    await storage.transact('log', async (entries) => {
      await entries.set('a', 1);
      return bytes('kept');
    });
    await storage.clear();
    const events = told(storage);
    await storage.set('b', 2);
    await storage.transact('log', async (entries, note) => {
      expect(text(note)).toBe('kept');
      await entries.clear();
      expect([await entries.size(), await entries.get('b'), [...(await entries.keys())]]).toEqual([0, undefined, []]);
      expect(await entries.insert('c', 3)).toBeUndefined();
      return bytes('still');
    });
    expect(events).toEqual([['created', 'b', 2], ['cleared'], ['created', 'c', 3]]);
    expect([...(await storage.keys())]).toEqual(['c']);
  });

  it('changes nothing where there is no note to save, and where the work fails', async () => {
    const storage = openNew();
    await storage.set('a', 1);
    const events = told(storage);
    const change = async (entries: StorageView<string, number>): Promise<void> => {
      await entries.clear();
      await entries.set('b', 1);
    };
    await storage.transact('log', async (entries) => {
      await change(entries);
      return undefined;
    });
    const failure = new Error('of the work');
    const failing = storage.transact('log', async (entries) => {
      await change(entries);
      throw failure;
    });
    await expect(failing).rejects.toBe(failure);
    const refused = storage.transact('log', async (entries) => {
      await change(entries);
      await entries.set('c', undefined as never);
      return bytes('never');
    });
    await expect(refused).rejects.toMatchObject({ code: 'codec' });
    expect([[...(await storage.keys())], await storage.get('a'), events]).toEqual([['a'], 1, []]);
    await storage.transact('log', async (_, note) => {
      expect(note).toBeUndefined();
      return undefined;
    });
  });

  it('makes transactions of one name one after another, whoever begins them', async () => {
    const id = `transacted-${++made}`;
    const storages = [open(id), open(id), open(id)];
    const increment = (storage: TransactionalStorage<string, number>) =>
      storage.transact('count', async (entries, note) => {
        const count = Number(text(note) ?? '0');
        const sum = (await entries.get('sum')) ?? 0;
        await entries.set('sum', sum + 1);
        return bytes(String(count + 1));
      });
    await Promise.all(Array.from({ length: 30 }, (_, i) => storages[i % 3]).flatMap((s) => (s ? [increment(s)] : [])));
    expect(await storages[0]?.get('sum')).toBe(30);
    await storages[1]?.transact('count', async (_, note) => {
      expect(text(note)).toBe('30');
      return undefined;
    });
  });

  it('refuses its entries to who keeps them for later, and transactions once it is closed', async () => {
    const storage = openNew();
    let kept: StorageView<string, number> | undefined;
    await storage.transact('log', async (entries) => {
      kept = entries;
      return bytes('done');
    });
    await expect(kept?.set('a', 1)).rejects.toMatchObject({ code: 'storage-unavailable', mayHaveHappened: false });
    await expect(kept?.get('a')).rejects.toMatchObject({ code: 'storage-unavailable' });
    expect(await storage.size()).toBe(0);
    await storage.close();
    const transaction = storage.transact('log', async () => bytes('never'));
    await expect(transaction).rejects.toMatchObject({ code: 'closed' });
  });
}
