// What the readme of hamok takes for granted: a member of a grid, and a database.
import { memoryStorage } from '@hamok/collections';
import { MemoryNetwork } from '@hamok/transport/memory';
import { Hamok } from 'hamok';

export const hamok = new Hamok({ peerId: 'a', peers: ['a'] });
await hamok.join();
export const transport = new MemoryNetwork().transport();
export const storage = memoryStorage<string, unknown>({ id: 'users' });

export async function close(): Promise<void> {
  await hamok.close();
}
