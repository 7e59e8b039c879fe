/** Entries that are looked at in one turn of the event loop. */
export const entriesATurn = 2048;
