// What the readme of @hamok/raft takes for granted.
import type { StateMachine } from '@hamok/raft';
import { MemoryNetwork } from '@hamok/transport/memory';

export const id = 'a';
export const peers = ['a', 'b', 'c'];
export const transport = new MemoryNetwork().transport();
export const stateMachine: StateMachine = { apply: () => undefined };
export const bytes = new Uint8Array(1);
