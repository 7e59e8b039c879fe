/** What a client asked, and what came of it. */
export interface Operation<Input, Output> {
  readonly client: string;
  readonly input: Input;
  readonly invoked: Moment;
  /** Undefined: the outcome is unknown. It may take effect at any time after it was invoked, or never. */
  readonly returned: (Moment & { readonly output: Output }) | undefined;
}

export interface Moment {
  /** Orders what happens to a history; no two moments share one. */
  readonly sequence: number;
  /** Virtual time in ms, for readers. */
  readonly time: number;
}

/** An operation that was invoked. What is told nothing further stays unknown. */
export interface OpenOperation<Output> {
  returned(output: Output, time: number): void;
  /** It is certain that it never took effect, nor will: it is taken off the history. */
  refused(): void;
}

/** Takes down operations in the order in which they are invoked and return. */
export class History<Input, Output> {
  readonly #operations = new Map<number, Operation<Input, Output>>();
  #sequence = 0;

  get operations(): Operation<Input, Output>[] {
    return [...this.#operations.values()];
  }

  invoke(client: string, input: Input, time: number): OpenOperation<Output> {
    const id = this.#sequence++;
    const operation = { client, input, invoked: { sequence: id, time }, returned: undefined };
    this.#operations.set(id, operation);
    return {
      returned: (output, at) => {
        this.#operations.set(id, { ...operation, returned: { sequence: this.#sequence++, time: at, output } });
      },
      refused: () => void this.#operations.delete(id),
    };
  }
}
