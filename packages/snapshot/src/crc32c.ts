const polynomial = 0x82f63b78;

/** What a byte does to the checksum, and what it does once one, two and three more have followed: four are looked up at a time. */
const one = new Int32Array(256).map((_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
  return crc;
});
const two = followed(one);
const three = followed(two);
const four = followed(three);

function followed(table: Int32Array): Int32Array {
  return table.map((crc) => (one[crc & 0xff] ?? 0) ^ (crc >>> 8));
}

/** CRC-32C (Castagnoli, RFC 3720 appendix B.4) of bytes that follow others, of which `previous` is the checksum. */
export function crc32c(bytes: Uint8Array, previous = 0): number {
  let crc = ~previous;
  const whole = bytes.length - (bytes.length % 4);
  for (let i = 0; i < whole; i += 4) {
    crc ^= at(bytes, i) | (at(bytes, i + 1) << 8) | (at(bytes, i + 2) << 16) | (at(bytes, i + 3) << 24);
    crc =
      at(four, crc & 0xff) ^
      at(three, (crc >>> 8) & 0xff) ^
      at(two, (crc >>> 16) & 0xff) ^
      at(one, (crc >>> 24) & 0xff);
  }
  for (let i = whole; i < bytes.length; i++) crc = at(one, (crc ^ at(bytes, i)) & 0xff) ^ (crc >>> 8);
  return ~crc >>> 0;
}

function at(list: Uint8Array | Int32Array, index: number): number {
  return list[index] ?? 0;
}
