import { fieldWireTypes, NO_FIELD } from './field-wire-types.js';
import { WireReader } from './wire-reader.js';

/** Which schema a message is of: today's, which hamok 2.x spoke as well, or that of the Java grid 1.0. */
export type Dialect = 'hamok' | 'java';

const _ = NO_FIELD;

// biome-ignore format: ten numbers to a line
const javaWireTypes: Uint8Array = Uint8Array.of(
  _, 2, 2, 2, 2, 2, 0, 0, 2, 2,
  2, 2, 2, 0, 0, 2, 0, 0, 0, 0,
  0, 0, 0, 0, 2, 0, 0,
);

/**
 * Recognises the dialect of an encoded message by the first field that only one of the two has with that number and wire type.
 * Every message that a member sends begins with such a field: a Java one with `sourceId` (byte 0x0A), ours with `protocol` or
 * `type` (0x08, 0x10).
 *
 * `undefined` where nothing tells them apart: the empty message, one whose every field fits both (numbers 3 to 5, 7, 10 to 12, 14, 17 to
 * 23 and 26: ids, byte lists, indexes), and bytes that are neither. Never throws.
 */
export function dialectOf(bytes: Uint8Array): Dialect | undefined {
  const reader = new WireReader(bytes);
  try {
    while (reader.pos < reader.end) {
      const tag = reader.tag();
      const wireType = tag & 7;
      const hamok = fieldWireTypes[tag >>> 3] === wireType;
      const java = javaWireTypes[tag >>> 3] === wireType;
      if (hamok !== java) return hamok ? 'hamok' : 'java';
      reader.skip(tag);
    }
  } catch {
    return undefined;
  }
  return undefined;
}
