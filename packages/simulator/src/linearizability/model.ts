/** What the operations of a sequential object do. States are never changed in place. */
export interface Model<State, Input, Output> {
  readonly initial: State;
  /** Operations on different objects are checked apart from each other, which linearizability allows. */
  objectOf(input: Input): string;
  /** Undefined where the operation cannot take place in this state: it waits for another one. */
  apply(state: State, input: Input): Effect<State, Output> | undefined;
  /** Whether the output says nothing of the state: what changes nothing now may still change something later. Default: it does say. */
  isBlind?(input: Input): boolean;
  /** Outputs are compared with `Object.is`, states by this text. */
  describe(state: State): string;
  describeInput(input: Input): string;
}

export interface Effect<State, Output> {
  readonly state: State;
  readonly output: Output;
}
