import type * as product from 'hamok';

/** The module that is simulated: the product as it is, or a copy with a bug in it. */
export type Product = Pick<typeof product, 'Hamok' | 'MemorySnapshotStore'>;
