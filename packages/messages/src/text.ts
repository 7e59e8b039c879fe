const SLOTS = 512;
const LONGEST_REMEMBERED = 64;

// As others do for proto2: a byte-order mark is text, and what is not UTF-8 becomes U+FFFD.
const textDecoder = new TextDecoder('utf-8', { ignoreBOM: true });

// The same few ids (of members, grids, storages) come in every message: to compare bytes with a string that is there already is
// faster than to make a new one, and memory holds it once. A collision only costs the comparison.
const remembered: string[] = new Array(SLOTS).fill('');

/** The text in `bytes` from `from` to before `to`, which are within it. */
export function decodeText(bytes: Uint8Array, from: number, to: number): string {
  const length = to - from;
  if (length > LONGEST_REMEMBERED) return textDecoder.decode(bytes.subarray(from, to));
  const slot = slotOf(bytes, from, to);
  const known = remembered[slot] ?? '';
  if (known.length === length && matches(known, bytes, from)) return known;
  const text = textDecoder.decode(bytes.subarray(from, to));
  // As long as its bytes, it is ASCII, but for a U+FFFD that no byte will match.
  if (text.length === length) remembered[slot] = text;
  return text;
}

/** Looks at the ends only: they tell random ids apart as well as numbered names. */
function slotOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = to - from;
  const ends = Math.min(4, hash);
  for (let at = 0; at < ends; at++) hash = hash * 31 + (bytes[from + at] ?? 0) * 17 + (bytes[to - 1 - at] ?? 0);
  return (hash ^ (hash >>> 9)) & (SLOTS - 1);
}

function matches(text: string, bytes: Uint8Array, from: number): boolean {
  for (let at = 0; at < text.length; at++) {
    if (bytes[from + at] !== text.charCodeAt(at)) return false;
  }
  return true;
}
