// What the readme of @hamok/messages takes for granted.
export const key = new Uint8Array([1]);
export const value = new Uint8Array([2]);
