export type { Transport, TransportLocal, TransportReceiver } from './transport.js';
