import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/*
 * The dialler says HELLO, the acceptor answers with its own; the dialler sends PROOF, the acceptor ACCEPT with its proof,
 * or REJECT with a reason. A proof is the HMAC-SHA256, under the shared secret, of the prover's role and both HELLOs as they
 * were sent: fresh nonces keep it from being replayed, the role from being sent back. The dialler proves itself first, so that
 * whoever merely finds the port learns nothing to try secrets on. Without a secret the proofs are empty.
 */

export const MAX_HANDSHAKE_BYTES = 8 * 1024;
/** As UTF-8: so a HELLO fits, however its names are escaped. */
export const MAX_NAME_BYTES = 512;

export const REJECTIONS = [
  'grid-mismatch',
  'version-mismatch',
  'secret-mismatch',
  'malformed',
  'self',
  'redundant',
  'duplicate-peer',
] as const;
export type Rejection = (typeof REJECTIONS)[number];

export interface Identity {
  readonly gridName: string;
  readonly id: string;
  /** Random, of this opening of the transport: tells a restarted peer from one that dials twice. */
  readonly instance: string;
}

export type HandshakeMessage =
  | { readonly kind: 'hello'; readonly identity: Identity; readonly secured: boolean; readonly bytes: Uint8Array }
  | { readonly kind: 'proof'; readonly proof: Uint8Array }
  | { readonly kind: 'accept'; readonly proof: Uint8Array }
  | { readonly kind: 'reject'; readonly rejection: Rejection }
  | { readonly kind: 'version-mismatch' };

const KIND = { hello: 1, proof: 2, accept: 3, reject: 4 } as const;
const MAGIC = Buffer.from('HAMOK');
const VERSION = 1;
const HELLO_HEAD = 1 + MAGIC.length + 1;

export const encodeHello = (identity: Identity, secured: boolean): Uint8Array => {
  const json = JSON.stringify({ ...identity, secured, nonce: randomBytes(32).toString('hex') });
  return Buffer.concat([Uint8Array.of(KIND.hello), MAGIC, Uint8Array.of(VERSION), Buffer.from(json)]);
};

export const encodeProof = (kind: 'proof' | 'accept', proof: Uint8Array): Uint8Array =>
  Buffer.concat([Uint8Array.of(KIND[kind]), proof]);

export const encodeReject = (rejection: Rejection): Uint8Array =>
  Buffer.concat([Uint8Array.of(KIND.reject), Buffer.from(rejection)]);

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const isName = (value: unknown): value is string =>
  typeof value === 'string' && Buffer.byteLength(value) <= MAX_NAME_BYTES;

const decodeHello = (bytes: Buffer): HandshakeMessage | undefined => {
  if (bytes.length < HELLO_HEAD || !bytes.subarray(1, HELLO_HEAD - 1).equals(MAGIC)) return undefined;
  if (bytes[HELLO_HEAD - 1] !== VERSION) return { kind: 'version-mismatch' };
  const hello = parseJson(bytes.toString('utf8', HELLO_HEAD));
  if (typeof hello !== 'object' || hello === null) return undefined;
  if (!('gridName' in hello && 'id' in hello && 'instance' in hello && 'secured' in hello)) return undefined;
  const { gridName, id, instance, secured } = hello;
  if (!isName(gridName) || !isName(id) || !isName(instance) || typeof secured !== 'boolean') return undefined;
  return { kind: 'hello', identity: { gridName, id, instance }, secured, bytes: new Uint8Array(bytes) };
};

/** Returns undefined for what is no message of the handshake. */
export const decodeHandshake = (frame: Uint8Array): HandshakeMessage | undefined => {
  const bytes = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength);
  switch (bytes[0]) {
    case KIND.hello:
      return decodeHello(bytes);
    case KIND.proof:
      return { kind: 'proof', proof: new Uint8Array(bytes.subarray(1)) };
    case KIND.accept:
      return { kind: 'accept', proof: new Uint8Array(bytes.subarray(1)) };
    case KIND.reject: {
      const text = bytes.toString('latin1', 1);
      const rejection = REJECTIONS.find((known) => known === text);
      return rejection && { kind: 'reject', rejection };
    }
    default:
      return undefined;
  }
};

export const prove = (
  secret: Uint8Array | undefined,
  role: 'dialler' | 'acceptor',
  diallerHello: Uint8Array,
  acceptorHello: Uint8Array,
): Uint8Array => {
  if (secret === undefined) return new Uint8Array();
  const length = Buffer.alloc(4);
  length.writeUInt32BE(diallerHello.length);
  return createHmac('sha256', secret)
    .update(`hamok-transport ${role}\0`)
    .update(length)
    .update(diallerHello)
    .update(acceptorHello)
    .digest();
};

export const sameProof = (left: Uint8Array, right: Uint8Array): boolean =>
  left.length === right.length && timingSafeEqual(left, right);
