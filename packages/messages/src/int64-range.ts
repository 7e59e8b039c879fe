/** No index, no term: the least value of an int64 field that 2.x did not know. */
export const NONE = -1;

/** The fields that were int32 in 2.x take whatever its members could send; what makes sense is for consensus to judge. */
export const INT32_MIN = -0x8000_0000;
