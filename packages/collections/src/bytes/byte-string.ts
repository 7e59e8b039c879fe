/** Up to here calls with a few bytes each beat a call with all of them. */
const short = 64;
const chunk = 8192;
const slack = 256;

const { fromCharCode } = String;

/** A string with one character a byte: what a `Map` can take as a key. Equal strings are equal bytes. */
export function byteString(bytes: Uint8Array): string {
  const { length } = bytes;
  let text = '';
  let at = 0;
  if (length > short) {
    for (; at < length; at += chunk) text += Reflect.apply(fromCharCode, undefined, bytes.subarray(at, at + chunk));
    return text;
  }
  // Engines keep what is added as a tree, and make it flat when a `Map` looks it up: so in few parts.
  for (; at + 4 <= length; at += 4)
    text += fromCharCode(bytes[at] ?? 0, bytes[at + 1] ?? 0, bytes[at + 2] ?? 0, bytes[at + 3] ?? 0);
  for (; at < length; at++) text += fromCharCode(bytes[at] ?? 0);
  return text;
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** The bytes of a string that `byteString` made. */
export function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** Bytes to keep. Few are copied: engines hold a small array without a buffer outside their heap. So is a small view of a large buffer, for it would keep that alive. */
export function retained(bytes: Uint8Array): Uint8Array {
  const { length } = bytes;
  if (length > short) return bytes.buffer.byteLength > 2 * length + slack ? bytes.slice() : bytes;
  const copy = new Uint8Array(length);
  for (let i = 0; i < length; i++) copy[i] = bytes[i] ?? 0;
  return copy;
}
