type Listener = (...args: never[]) => unknown;

/** A listener, which is called once the grid knows of the subscription. */
export interface LocalListener {
  readonly listener: Listener;
  active: boolean;
}

/** What this member listens to under one name. */
export class LocalEvent {
  readonly listeners: LocalListener[] = [];
  /** The member's metadata, as the grid holds it: to subscribe again as another incarnation. */
  metaData: Uint8Array | undefined;
  /** It is being subscribed again. */
  renewing = false;

  get active(): LocalListener[] {
    return this.listeners.filter(({ active }) => active);
  }
}

/** The listeners of this member, by event, in the order in which they came. */
export class LocalListeners {
  readonly #events = new Map<string, LocalEvent>();
  #count = 0;

  get size(): number {
    return this.#count;
  }

  get(event: string): LocalEvent | undefined {
    return this.#events.get(event);
  }

  entries(): IterableIterator<[event: string, local: LocalEvent]> {
    return this.#events.entries();
  }

  add(event: string, listener: Listener): LocalListener {
    let local = this.#events.get(event);
    if (local === undefined) {
      local = new LocalEvent();
      this.#events.set(event, local);
    }
    const added: LocalListener = { listener, active: false };
    local.listeners.push(added);
    this.#count++;
    return added;
  }

  find(event: string, listener: Listener): LocalListener | undefined {
    return this.#events.get(event)?.listeners.find((each) => each.listener === listener);
  }

  delete(event: string, listener: LocalListener): void {
    const local = this.#events.get(event);
    const at = local?.listeners.indexOf(listener) ?? -1;
    if (local === undefined || at < 0) return;
    local.listeners.splice(at, 1);
    this.#count--;
    if (local.listeners.length === 0) this.#events.delete(event);
  }

  /** Nobody listens any more: also whoever holds an event sees that. */
  clear(): void {
    for (const { listeners } of this.#events.values()) listeners.length = 0;
    this.#events.clear();
    this.#count = 0;
  }
}
