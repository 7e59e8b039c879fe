/** No wire type: there is no field of that number. */
export const NO_FIELD = 7;

const _ = NO_FIELD;

/** The wire types of the schema's fields, by field number. */
// biome-ignore format: ten numbers to a line
export const fieldWireTypes: Uint8Array = Uint8Array.of(
  _, 0, 0, 2, 2, 2, 2, 0, 0, _,
  2, 2, 2, 2, 0, 0, 2, 0, 0, 0,
  0, 0, 0, 0, 0, 2, 0, 0, 2, 2,
  2, 2, 2, 2, 0, 0, 0, 0, 2, 2,
  0, 0, 0, 0, 0, 2, 0, 0, 0, 0,
  0, 0, _, _, _, 0, 0, 2, 0, 2,
  0, 0, 0, 0, 2, 0, 0,
);
