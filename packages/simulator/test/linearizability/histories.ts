import { History, type Model, type Operation } from '../../src/linearizability/index.js';

/**
 * A history as text, a line a moment: `a set x 1` begins an operation of client a, `a = 1` ends it with that output (`a =` with none),
 * `a refused` with the certainty that it did nothing. What is not ended stays unknown.
 */
export function historyOf<Input, Output>(
  text: string,
  read: (words: readonly string[]) => Input,
  output: (word: string | undefined) => Output,
): Operation<Input, Output>[] {
  const history = new History<Input, Output>();
  const open = new Map<string, ReturnType<typeof history.invoke>>();
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  lines.forEach((line, time) => {
    const [client = '', ...words] = line.trim().split(/\s+/);
    if (words[0] === '=') open.get(client)?.returned(output(words[1]), time);
    else if (words[0] === 'refused') open.get(client)?.refused();
    else open.set(client, history.invoke(client, read(words), time));
  });
  return history.operations;
}

/** The definition itself: every order that keeps to real time is tried. For histories of a few operations. */
export function isLinearizableByForce<State, Input, Output>(
  model: Model<State, Input, Output>,
  operations: readonly Operation<Input, Output>[],
  states: ReadonlyMap<string, State> = new Map(),
): boolean {
  const returned = operations.filter((operation) => operation.returned);
  if (returned.length === 0) return true;
  const firstReturn = Math.min(...returned.map((operation) => operation.returned?.sequence ?? 0));
  return operations.some((operation) => {
    if (operation.invoked.sequence > firstReturn) return false;
    const object = model.objectOf(operation.input);
    const effect = model.apply(states.has(object) ? (states.get(object) as State) : model.initial, operation.input);
    if (!effect || (operation.returned && !Object.is(effect.output, operation.returned.output))) return false;
    const others = operations.filter((other) => other !== operation);
    return isLinearizableByForce(model, others, new Map([...states, [object, effect.state]]));
  });
}

/**
 * Runs operations on a sequential object the way concurrent clients might: each takes effect at some moment between its invocation and its
 * return, or is given up, and may then take effect later or never. `draw` gives whole numbers below its argument.
 */
export function execute<State, Input, Output>(
  model: Model<State, Input, Output>,
  inputs: readonly Input[],
  clients: number,
  draw: (below: number) => number,
): Operation<Input, Output>[] {
  const history = new History<Input, Output>();
  const waiting = [...inputs];
  const states = new Map<string, State>();
  let time = 0;
  interface Running {
    readonly input: Input;
    readonly call: ReturnType<typeof history.invoke>;
    isTaken: boolean;
    output?: Output;
  }
  const running: (Running | undefined)[] = Array.from({ length: clients }, () => undefined);
  const abandoned: Running[] = [];
  const take = (operation: Running): void => {
    const object = model.objectOf(operation.input);
    const effect = model.apply(states.has(object) ? (states.get(object) as State) : model.initial, operation.input);
    if (!effect) return;
    states.set(object, effect.state);
    operation.isTaken = true;
    operation.output = effect.output;
  };
  for (let steps = inputs.length * 6; steps > 0; steps--) {
    const at = draw(clients + 1);
    const operation = running[at];
    if (at === clients) {
      const late = abandoned[draw(Math.max(1, abandoned.length))];
      if (late && !late.isTaken) take(late);
    } else if (!operation) {
      const input = waiting.shift();
      if (input === undefined) continue;
      running[at] = { input, call: history.invoke(`c${at}`, input, time++), isTaken: false };
    } else if (draw(8) === 0) {
      abandoned.push(operation);
      running[at] = undefined;
    } else if (!operation.isTaken) {
      take(operation);
    } else {
      operation.call.returned(operation.output as Output, time++);
      running[at] = undefined;
    }
  }
  return history.operations;
}
