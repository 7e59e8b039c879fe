import { resolveOptions, type TcpOptions } from './options.js';
import { TcpMesh, type TcpTransport } from './tcp-transport.js';

export type { TcpAddress } from './address.js';
export type { TcpOptions, TcpTlsOptions } from './options.js';
export type { TcpTransport } from './tcp-transport.js';

/**
 * A transport over TCP, or TLS, for Node.js.
 * @throws {ConfigurationError} naming the field.
 */
export const tcp = (options: TcpOptions = {}): TcpTransport => new TcpMesh(resolveOptions(options));
