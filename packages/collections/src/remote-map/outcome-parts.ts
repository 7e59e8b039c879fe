/** Bytes that come in parts, each of which begins where the one before ended; one that begins at 0 begins anew. */
export class OutcomeParts {
  #parts: Uint8Array[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** False for a part that does not fit on. */
  add(part: Uint8Array, offset: number): boolean {
    if (offset === 0) this.clear();
    if (offset !== this.#length) return false;
    this.#parts.push(part);
    this.#length += part.length;
    return true;
  }

  joined(): Uint8Array {
    const bytes = new Uint8Array(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      bytes.set(part, at);
      at += part.length;
    }
    return bytes;
  }

  clear(): void {
    this.#parts = [];
    this.#length = 0;
  }
}
