export type { Transport, TransportLocal, TransportReceiver } from '../transport.js';
export { MemoryNetwork } from './memory-network.js';
export type { LinkFaults, MemoryClock, MemoryNetworkOptions } from './options.js';
