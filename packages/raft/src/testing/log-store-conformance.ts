import type { Configuration } from '../core/configuration.js';
import { type Entry, type LogPosition, origin } from '../core/entry.js';
import type { LogContents, LogStore, StoredHardState, StoredLog } from '../ports/log-store.js';
import { entryEncoder, wrapPayload } from '../wire/entries.js';

/** One place a test. */
export interface LogStoreHarness {
  /** A store over the same place each time: the first one of a test finds nothing there, the next ones what was written. */
  store(): LogStore | Promise<LogStore>;
  /** Called when the test is over and its stores are closed. */
  dispose?(): void | Promise<void>;
}

/** The functions of a test runner: those of vitest, jest, mocha and node:test fit. */
export interface ConformanceRunner {
  describe(name: string, body: () => void): unknown;
  it(name: string, body: () => Promise<void>): unknown;
}

const id = 'a';
const founders = ['a@1', 'b@2'];
const configuration: Configuration = { voters: founders, learners: [] };
const later: Configuration = { voters: founders, learners: ['c@3'], mostVoters: 5 };
const contents: LogContents = {
  owner: { member: 'a@1', gridId: 'grid', founders },
  hardState: { term: 1, vote: 'a@1' },
  base: origin,
  configuration,
  entries: [],
};

const command = (index: number, term: number, bytes = 20): Entry => {
  const data = wrapPayload(new Uint8Array(bytes).fill(index + term));
  return { index, term, time: index * 10, kind: 'command', data };
};
const commands = (from: number, to: number, term: number): Entry[] =>
  Array.from({ length: to - from + 1 }, (_, i) => command(from + i, term));
const positionOf = ({ index, term, time }: Entry): LogPosition => ({ index, term, time });

/** A member's store through its runs. */
class Life {
  #store: LogStore | undefined;

  constructor(private readonly harness: LogStoreHarness) {}

  /** Begins a run, after the end of the one before. */
  async open(): Promise<StoredLog | undefined> {
    await this.end();
    this.#store = await this.harness.store();
    return await this.#store.open(id, (error) => {
      throw error;
    });
  }

  async end(): Promise<void> {
    await this.#store?.close();
    this.#store = undefined;
  }

  get store(): LogStore {
    if (!this.#store) throw new Error('it is not open');
    return this.#store;
  }

  async begun(from: Partial<LogContents> = {}): Promise<void> {
    await this.open();
    await this.store.begin({ ...contents, ...from });
  }

  async append(entries: readonly Entry[], hardState?: StoredHardState): Promise<void> {
    await this.store.append({ hardState, entries });
  }

  /** What the next run finds is this. */
  async finds(expected: Partial<LogContents>): Promise<void> {
    const stored = await this.open();
    const wanted = show({ ...contents, ...expected, complete: true });
    if (stored === undefined || show(stored) !== wanted) throw new Error(`found ${show(stored)}, and not ${wanted}`);
  }

  async findsNothing(): Promise<void> {
    const stored = await this.open();
    if (stored !== undefined) throw new Error(`found ${show(stored)}, where nothing should be`);
  }
}

/** As text, whatever the order of the fields. */
function show(stored: StoredLog | undefined): string {
  if (stored === undefined) return 'nothing';
  const { owner, hardState, base, configuration: members, entries, complete } = stored;
  const { member, gridId, founders: begunBy } = owner;
  return JSON.stringify([
    [member, gridId, begunBy],
    [hardState.term, hardState.vote, hardState.run],
    [base.index, base.term, base.time],
    [members.voters, members.learners, members.mostVoters],
    entries.map((entry) => [
      ...[entry.index, entry.term, entry.time, entry.kind, entry.data.byteLength, sum(entry.data)],
      entry.configuration?.voters,
      entry.configuration?.learners,
      entry.configuration?.mostVoters,
    ]),
    complete,
  ]);
}

function sum(data: Uint8Array): number {
  return data.reduce((before, byte) => (before * 31 + byte) % 2 ** 32, 7);
}

const scenarios: Record<string, (life: Life) => Promise<void>> = {
  'has nothing before it was begun, and when nothing was': async (life) => {
    await life.findsNothing();
    await life.findsNothing();
  },
  'has what it was begun with': async (life) => {
    const [base, entries] = [{ index: 41, term: 3, time: 500 }, [command(42, 3), command(43, 4)]];
    const hardState = { term: 5, vote: undefined, run: 'a@9' };
    await life.begun({ base, entries, hardState, configuration: later });
    await life.finds({ base, entries, hardState, configuration: later });
  },
  'has what was appended, of every kind, and the last term and vote': async (life) => {
    const noOp: Entry = { ...command(0, 2), kind: 'no-op', data: entryEncoder.noOp };
    const data = entryEncoder.configuration(later);
    const change: Entry = { ...command(1, 2), kind: 'configuration', data, configuration: later };
    await life.begun();
    await life.append([noOp], { term: 2, vote: 'a@1' });
    await life.append([change, command(2, 2)]);
    await life.append([], { term: 3, vote: 'b@2', run: 'a@7' });
    await life.append([], { term: 4, vote: undefined, run: 'a@8' });
    await life.finds({ entries: [noOp, change, command(2, 2)], hardState: { term: 4, vote: undefined, run: 'a@8' } });
  },
  'goes on in the next run': async (life) => {
    await life.begun();
    await life.append(commands(0, 9, 1));
    await life.finds({ entries: commands(0, 9, 1) });
    await life.append(commands(10, 19, 1));
    await life.finds({ entries: commands(0, 19, 1) });
  },
  'replaces what it has from the index of the first entry on': async (life) => {
    await life.begun();
    await life.append(commands(0, 9, 1));
    await life.append([command(5, 2), command(6, 2)], { term: 2, vote: undefined });
    await life.finds({
      entries: [...commands(0, 4, 1), ...commands(5, 6, 2)],
      hardState: { term: 2, vote: undefined },
    });
  },
  'takes calls that do not wait for those before, in their order': async (life) => {
    await life.begun();
    const calls: (Promise<void> | undefined)[] = [];
    for (let index = 0; index < 500; index++) {
      const hardState = index % 100 === 0 ? { term: 1 + index / 100, vote: 'b@2' } : undefined;
      calls.push(life.store.append({ hardState, entries: [command(index, 1 + Math.floor(index / 100))] }));
      if (index === 300) calls.push(life.store.compact(positionOf(command(250, 3)), configuration));
    }
    await Promise.all(calls);
    const entries = [...commands(251, 299, 3), ...commands(300, 399, 4), ...commands(400, 499, 5)];
    await life.finds({ base: positionOf(command(250, 3)), entries, hardState: { term: 5, vote: 'b@2' } });
  },
  'makes what was called durable before it is closed': async (life) => {
    await life.begun();
    void life.store.append({ hardState: undefined, entries: commands(0, 9, 1) });
    await life.finds({ entries: commands(0, 9, 1) });
  },
  'takes entries of a megabyte': async (life) => {
    const entries = [command(0, 1, 2 ** 20), command(1, 1), command(2, 1, 2 ** 20)];
    await life.begun();
    await life.append(entries);
    await life.finds({ entries });
  },
  'compacts up to a position, and keeps what follows': async (life) => {
    await life.begun();
    await life.append(commands(0, 9, 1));
    await life.store.compact(positionOf(command(6, 1)), later);
    await life.finds({ base: positionOf(command(6, 1)), configuration: later, entries: commands(7, 9, 1) });
    await life.append(commands(8, 12, 1));
    await life.finds({ base: positionOf(command(6, 1)), configuration: later, entries: commands(7, 12, 1) });
  },
  'compacts away all of a log that does not reach the position, and goes on behind it': async (life) => {
    await life.begun();
    await life.append(commands(0, 9, 1));
    const base = { index: 20, term: 2, time: 300 };
    await life.store.compact(base, later);
    await life.append(commands(21, 22, 2), { term: 2, vote: undefined });
    const hardState = { term: 2, vote: undefined };
    await life.finds({ base, configuration: later, entries: commands(21, 22, 2), hardState });
  },
  'compacts away all of a log that disagrees with the position': async (life) => {
    await life.begun();
    await life.append(commands(0, 9, 1));
    const base = { index: 5, term: 2, time: 300 };
    await life.store.compact(base, later);
    await life.finds({ base, configuration: later });
  },
  'is not compacted back': async (life) => {
    await life.begun();
    await life.append(commands(0, 9, 1));
    await life.store.compact(positionOf(command(6, 1)), configuration);
    await life.store.compact(positionOf(command(3, 1)), later);
    await life.finds({ base: positionOf(command(6, 1)), entries: commands(7, 9, 1) });
  },
  'begins in the place of what was there': async (life) => {
    await life.begun();
    await life.append(commands(0, 9, 1));
    const owner = { member: 'a@7', gridId: 'another', founders: ['a@7'] };
    const other = { owner, hardState: { term: 0, vote: undefined }, configuration: { voters: ['a@7'], learners: [] } };
    await life.store.begin({ ...contents, ...other });
    await life.append([command(0, 2)]);
    await life.finds({ ...other, entries: [command(0, 2)] });
  },
  'forgets all, and may begin again': async (life) => {
    await life.begun();
    await life.append(commands(0, 9, 1));
    await life.store.clear();
    await life.findsNothing();
    await life.store.clear();
    await life.store.begin({ ...contents, entries: commands(0, 1, 1) });
    await life.finds({ entries: commands(0, 1, 1) });
  },
};

/**
 * The tests of the contract of {@link LogStore}, for a store of your own: what the next run finds. What a crash may take of it is for
 * tests of its own, for they need to know the place.
 */
export function logStoreConformance(
  name: string,
  harness: () => LogStoreHarness | Promise<LogStoreHarness>,
  { describe, it }: ConformanceRunner,
): void {
  describe(`the log store ${name}`, () => {
    for (const [title, scenario] of Object.entries(scenarios)) {
      it(title, async () => {
        const place = await harness();
        const life = new Life(place);
        try {
          await scenario(life);
        } finally {
          await life.end();
          await place.dispose?.();
        }
      });
    }
  });
}
