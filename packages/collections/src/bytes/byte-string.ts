/** Up to here a loop over the bytes beats a call with all of them. */
const short = 64;
const chunk = 8192;
const slack = 256;

/** A string with one character a byte: what a `Map` can take as a key. Equal strings are equal bytes. */
export function byteString(bytes: Uint8Array): string {
  let text = '';
  if (bytes.length <= short) {
    for (const byte of bytes) text += String.fromCharCode(byte);
    return text;
  }
  for (let at = 0; at < bytes.length; at += chunk)
    text += Reflect.apply(String.fromCharCode, undefined, bytes.subarray(at, at + chunk));
  return text;
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Negative, 0 or positive: the order of the first byte that differs, or else of the lengths. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const common = Math.min(a.length, b.length);
  for (let i = 0; i < common; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Bytes to keep: a small view of a large buffer is copied, for it would keep the whole buffer alive. */
export function retained(bytes: Uint8Array): Uint8Array {
  return bytes.buffer.byteLength > 2 * bytes.byteLength + slack ? bytes.slice() : bytes;
}
