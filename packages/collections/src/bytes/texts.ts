import type { HamokCodec } from '../codec.js';
import { BadSnapshotError } from '../errors.js';
import { decodeText, decodeTextStrictly, encodeText } from './utf8.js';

/** The bytes as text; undefined when some of them are not UTF-8. */
export function texts(list: readonly Uint8Array[]): string[] | undefined {
  const decoded: string[] = [];
  for (const bytes of list) {
    const text = decodeTextStrictly(bytes);
    if (text === undefined) return undefined;
    decoded.push(text);
  }
  return decoded;
}

export function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

/** Whether what a program read from somewhere is what its type says. */
export function areTexts(values: readonly string[]): boolean {
  return Array.isArray(values) && values.every((value) => typeof value === 'string');
}

/** @throws BadSnapshotError for what is not base64 */
export function fromBase64(text: string): Uint8Array {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch (cause) {
    throw new BadSnapshotError('text that is not base64', { cause });
  }
}

/** What is not UTF-8 is lost on the way. */
export const textsCodec: HamokCodec<Uint8Array[], string[]> = {
  encode: (list) => list.map(decodeText),
  decode: (list) => list.map(encodeText),
};
