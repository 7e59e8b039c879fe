// What the readme of @hamok/collections takes for granted: two members of a grid, and what programs have at hand.
import { Collections, memoryStorage, type Storage } from '@hamok/collections';
import type { PostgresPool } from '@hamok/collections/postgres';
import { InMemoryGrid, type Runner } from '@hamok/collections/testing';

const grid = new InMemoryGrid(['a@1', 'b@1']);
const [a, b] = [new Collections(grid.member('a@1')), new Collections(grid.member('b@1'))];
await Promise.all([a.start(), b.start()]);

export const collections = a;
export const map = collections.createMap<string, number>({ mapId: 'given' });
await map.set('visits', 2);
export const signal = AbortSignal.abort();

// The other member brings what the first waits for.
const work = b.createQueue<{ image: string }>({ queueId: 'jobs', maxDeliveries: 5 });
work.on('empty', () => work.push({ image: 'c.png' }).catch(() => undefined));
export const resize = async (_item: { image: string }): Promise<void> => {};
export const write = async (
  _file: string,
  _by: { readonly token: number; readonly signal: AbortSignal },
): Promise<void> => {};
export const reload = (_version: string): void => {};

export interface Session {
  readonly user: number;
}
export const session: Session = { user: 7 };
export const changed: Session = { user: 8 };
export const storage: Storage<string, Session> = memoryStorage({ id: 'sessions' });

export interface User {
  readonly name: string;
}
export const user: User = { name: 'Ada' };
export const production: boolean = false;
/** Of `pg`. */
export class Pool implements PostgresPool {
  connect(): never {
    throw new Error('there is no database');
  }
}

export interface Measurement {
  readonly value: number;
}

export declare const describe: Runner['describe'];
export declare const it: Runner['it'];
export declare const MyStorage: new <K, V>(id: string) => Storage<K, V>;

export function close(): void {
  a.close();
  b.close();
}
