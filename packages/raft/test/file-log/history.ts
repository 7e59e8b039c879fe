import { crc32 } from 'node:zlib';
import {
  type Configuration,
  type Entry,
  type HardState,
  type LogContents,
  type LogPosition,
  type LogStore,
  MemoryLog,
  type Random,
  type StoredLog,
} from '../../src/index.js';
import { wrapPayload } from '../../src/wire/entries.js';

/** Calls of a log store, as a member makes them. */
export type Step =
  | { readonly type: 'begin'; readonly contents: LogContents }
  | { readonly type: 'append'; readonly hardState: HardState | undefined; readonly entries: readonly Entry[] }
  | { readonly type: 'compact'; readonly position: LogPosition; readonly configuration: Configuration }
  | { readonly type: 'clear' }
  /** Until everything before has ended. */
  | { readonly type: 'wait' }
  | { readonly type: 'restart' };

/** Everything that a store may hold after a crash: what the steps made of it, one after another, entry by entry. */
export class Expected {
  readonly #log = new MemoryLog();
  readonly states: string[] = [textOf(undefined)];

  /** Returns which state there is once the step is durable. */
  async add(step: Step): Promise<number> {
    switch (step.type) {
      case 'begin':
        await this.#log.begin(step.contents);
        break;
      case 'append':
        if (step.hardState) {
          this.#log.append({ hardState: step.hardState, entries: [] });
          await this.#record();
        }
        for (const entry of step.entries) {
          this.#log.append({ hardState: undefined, entries: [entry] });
          await this.#record();
        }
        return this.states.length - 1;
      case 'compact':
        this.#log.compact(step.position, step.configuration);
        break;
      case 'clear':
        await this.#log.clear();
        break;
      case 'wait':
      case 'restart':
        return this.states.length - 1;
    }
    await this.#record();
    return this.states.length - 1;
  }

  async #record(): Promise<void> {
    this.states.push(textOf(await this.#log.open()));
  }
}

export function textOf(stored: StoredLog | undefined): string {
  if (!stored) return 'nothing';
  const { owner, hardState, base, configuration, entries } = stored;
  const listed = entries.map(({ index, term, time, kind, data }) => [index, term, time, kind, digest(data)]);
  return JSON.stringify([owner, hardState.term, hardState.vote ?? null, base, configuration, listed]);
}

const digests = new WeakMap<Uint8Array, string>();

function digest(data: Uint8Array): string {
  const known = digests.get(data);
  if (known !== undefined) return known;
  const made = `${data.byteLength}:${crc32(data)}`;
  digests.set(data, made);
  return made;
}

/** A step that is one call. */
export type Call = Exclude<Step, { type: 'wait' | 'restart' }>;

export function isCall(step: Step): step is Call {
  return step.type !== 'wait' && step.type !== 'restart';
}

export function carryOut(store: LogStore, step: Call): Promise<void> {
  switch (step.type) {
    case 'begin':
      return store.begin(step.contents);
    case 'append':
      return store.append(step) ?? Promise.resolve();
    case 'compact':
      return store.compact(step.position, step.configuration) ?? Promise.resolve();
    case 'clear':
      return store.clear();
  }
}

/** A random life of a log: elections, appends, conflicts, snapshots of its own and from leaders, and new incarnations. */
export function* lifeOf(random: Random, steps: number, { incarnations = true } = {}): Generator<Step> {
  const up = (limit: number): number => Math.floor(random() * limit);
  let incarnation = 1;
  let [term, last, committed, base, time] = [0, -1, -1, -1, 0];
  const terms = new Map<number, number>();
  const configuration = (): Configuration => ({ voters: [`a@${incarnation}`, 'b@1', 'c@1'], learners: [] });
  const begin = (): Step => ({
    type: 'begin',
    contents: {
      owner: { member: `a@${incarnation}`, gridId: `g${up(3)}`, founders: configuration().voters },
      hardState: { term: 0, vote: undefined },
      base: { index: -1, term: 0, time: 0 },
      configuration: configuration(),
      entries: [],
    },
  });
  yield begin();
  for (let step = 0; step < steps; step++) {
    const choice = random();
    if (choice < 0.5) {
      const from = random() < 0.15 && last > committed ? committed + 1 + up(last - committed) : last + 1;
      const isElection = random() < 0.2 || from <= last;
      if (isElection) term++;
      const entries: Entry[] = [];
      for (let index = from, count = 1 + up(4); count > 0; count--, index++) {
        time += up(3);
        const data = wrapPayload(new Uint8Array(up(700)).fill(up(256)));
        entries.push({ index, term, time, kind: 'command', data });
        terms.set(index, term);
        last = index;
      }
      yield { type: 'append', hardState: isElection ? { term, vote: 'b@1' } : undefined, entries };
    } else if (choice < 0.6) {
      term++;
      yield { type: 'append', hardState: { term, vote: random() < 0.5 ? `a@${incarnation}` : undefined }, entries: [] };
    } else if (choice < 0.75 && last > base) {
      committed = Math.max(committed, base + up(last - base + 1));
      if (committed <= base) continue;
      base = committed;
      const position = { index: base, term: terms.get(base) ?? 0, time };
      yield { type: 'compact', position, configuration: configuration() };
    } else if (choice < 0.8) {
      base = last + 1 + up(5);
      [last, committed] = [base, base];
      term++;
      yield { type: 'append', hardState: { term, vote: undefined }, entries: [] };
      yield { type: 'compact', position: { index: base, term, time }, configuration: configuration() };
    } else if (choice < 0.9) {
      yield { type: 'wait' };
    } else if (choice < 0.97 || !incarnations) {
      yield { type: 'restart' };
    } else {
      [term, last, committed, base, time] = [0, -1, -1, -1, 0];
      terms.clear();
      yield { type: 'clear' };
      incarnation++;
      yield begin();
    }
  }
}
