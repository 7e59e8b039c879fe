const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const strictDecoder = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });

/** Up to here a loop over the characters beats a call of the encoder several times. */
const shortText = 64;

export function encodeText(text: string): Uint8Array {
  const length = text.length;
  if (length > shortText) return encoder.encode(text);
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) {
    const character = text.charCodeAt(i);
    if (character > 0x7f) return encoder.encode(text);
    bytes[i] = character;
  }
  return bytes;
}

/** What is not UTF-8 reads as U+FFFD. */
export function decodeText(bytes: Uint8Array): string {
  if (bytes.length > shortText) return decoder.decode(bytes);
  let text = '';
  for (const byte of bytes) {
    if (byte > 0x7f) return decoder.decode(bytes);
    text += String.fromCharCode(byte);
  }
  return text;
}

/** Undefined for what is not UTF-8. */
export function decodeTextStrictly(bytes: Uint8Array): string | undefined {
  try {
    return strictDecoder.decode(bytes);
  } catch {
    return undefined;
  }
}
