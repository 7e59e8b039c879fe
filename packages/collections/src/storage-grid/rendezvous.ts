/*
 * Highest random weight hashing (Thaler and Ravishankar, "Using name-based mappings to increase hit rates", 1998): every member
 * ranks all members for a key alike, a member that goes moves no others past each other, and each comes first for its share of keys.
 */

let lastText = '';
let lastHash = 0x811c9dc5;

/** 32 bits of a text: FNV-1a. The last one is kept, for who has to do with a key is asked several times in a row. */
export function hashOf(text: string): number {
  if (text === lastText) return lastHash;
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  lastText = text;
  lastHash = hash >>> 0;
  return lastHash;
}

/** What a key whose hash this is weighs on a member: the finalizer of MurmurHash3 over both. */
export function weightOf(key: number, member: number): number {
  let weight = key ^ member;
  weight = Math.imul(weight ^ (weight >>> 16), 0x85ebca6b);
  weight = Math.imul(weight ^ (weight >>> 13), 0xc2b2ae35);
  return (weight ^ (weight >>> 16)) >>> 0;
}
