// What the readme of @hamok/transport takes for granted.
import type { Transport } from '@hamok/transport';

export declare const pigeons: () => Transport;
