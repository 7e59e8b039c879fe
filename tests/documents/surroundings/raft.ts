// What the readme of @hamok/raft takes for granted.
import type { LogStore, StateMachine } from '@hamok/raft';
import { MemoryNetwork } from '@hamok/transport/memory';

export const id = 'a';
export const peers = ['a', 'b', 'c'];
export const transport = new MemoryNetwork().transport();
export const stateMachine: StateMachine = { apply: () => undefined };
export const bytes = new Uint8Array(1);

export declare const place: string;
export declare const myStore: (place: string) => LogStore;
export declare const remove: (place: string) => Promise<void>;
