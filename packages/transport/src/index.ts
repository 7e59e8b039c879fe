export * from './errors.js';
export type { LinkFaults, MemoryClock, MemoryNetwork, MemoryNetworkOptions } from './memory/index.js';
export { nextTurn } from './memory/turn.js';
export type { Transport, TransportLocal, TransportReceiver } from './transport.js';
