import { isIP } from 'node:net';
import { ConfigurationError } from '../errors.js';

export interface TcpAddress {
  readonly host: string;
  readonly port: number;
}

export const formatAddress = ({ host, port }: TcpAddress): string =>
  isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;

/** Reads 'host:port' or '[ipv6]:port'. */
export const parseAddress = (address: string | TcpAddress, field: string): TcpAddress => {
  const [, bracketed, plain, digits] =
    typeof address === 'string' ? (/^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(address) ?? []) : [];
  const host = typeof address === 'string' ? (bracketed ?? plain) : address?.host;
  const port = typeof address === 'string' ? Number(digits) : address?.port;
  if (typeof host !== 'string' || host === '' || !Number.isInteger(port) || port < 1 || port > 65535) {
    throw new ConfigurationError(field, `has no 'host:port' address: ${JSON.stringify(address)}`);
  }
  return { host, port };
};

export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
