import type { Consensus, MemberId, MembersChange, SnapshotOrigin, StateMachine } from '../consensus.js';
import { equal } from './check.js';
import type { Runner } from './runner.js';

/** A grid of one or more engines under test. */
export interface EnginesUnderTest {
  /** Not started. Each is started with a machine of the suite. */
  readonly engines: readonly Consensus[];
  /** Resolves once a leader is known everywhere and proposals are accepted. Called after all engines were started. */
  ready(): Promise<void>;
  /** Makes the last member lag until it is sent a snapshot, and resolves when it has taken it. Without it, that is not tested. */
  catchUpBySnapshot?(propose: () => Promise<unknown>): Promise<void>;
  close(): Promise<void>;
}

/** What every `Consensus` must do for the collections to be right over it. `create` makes a fresh grid of that many members. */
export function engineConformance(runner: Runner, create: (count: number) => Promise<EnginesUnderTest>): void {
  const { describe, it } = runner;

  async function withEngines(
    count: number,
    body: (
      engines: readonly Consensus[],
      machines: readonly RecordingMachine[],
      grid: EnginesUnderTest,
    ) => Promise<void>,
  ): Promise<void> {
    const grid = await create(count);
    try {
      const machines = grid.engines.map(() => new RecordingMachine());
      await Promise.all(grid.engines.map((engine, i) => engine.start(machines[i] ?? new RecordingMachine())));
      await grid.ready();
      await body(grid.engines, machines, grid);
    } finally {
      await grid.close();
    }
  }

  for (const count of [1, 3]) {
    describe(`an engine among ${count}`, () => {
      it('applies a command once before the proposal resolves, at the index it resolves with', () =>
        withEngines(count, async (engines, machines) => {
          for (const [i, engine] of engines.entries()) {
            const index = await engine.propose(Uint8Array.of(i));
            const found = machines[i]?.applied.filter(({ command }) => command[0] === i);
            equal(
              found?.map((entry) => entry.index),
              [index],
              `command ${i}`,
            );
          }
        }));

      it('keeps the order of the proposals of one member', () =>
        withEngines(count, async (engines, machines) => {
          const [engine] = engines.slice(-1);
          const indexes = await Promise.all(Array.from({ length: 100 }, (_, i) => engine?.propose(Uint8Array.of(i))));
          equal(
            indexes,
            indexes.toSorted((a, b) => (a ?? 0) - (b ?? 0)),
            'indexes',
          );
          equal(
            machines.at(-1)?.commands(),
            Array.from({ length: 100 }, (_, i) => i),
            'commands',
          );
        }));

      it('applies the same on every member, and all of it after a barrier', () =>
        withEngines(count, async (engines, machines) => {
          await Promise.all(
            engines.flatMap((engine, i) => [engine.propose(Uint8Array.of(i)), engine.propose(Uint8Array.of(i + 50))]),
          );
          for (const [i, engine] of engines.entries()) {
            await engine.barrier();
            equal(machines[i]?.applied, machines[0]?.applied, `member ${i}`);
            equal(machines[i]?.applied.length, 2 * count, `number applied at ${i}`);
          }
        }));

      it('gives indexes that grow, and log times that do not fall', () =>
        withEngines(count, async (engines, machines) => {
          await Promise.all(engines.map((engine) => engine.propose(Uint8Array.of(1))));
          await engines[0]?.barrier();
          const { applied = [] } = machines[0] ?? {};
          for (const [i, entry] of applied.entries()) {
            const next = applied[i + 1];
            if (next === undefined) break;
            equal(next.index > entry.index && next.time >= entry.time, true, `entry ${i + 1}`);
          }
        }));

      it('names every member before the first command', () =>
        withEngines(count, async (engines, machines) => {
          await engines[0]?.propose(Uint8Array.of(1));
          const names = engines.map(({ self }) => self);
          equal([...(machines[0]?.membersAtFirstCommand ?? [])].sort(), names.sort(), 'members');
        }));

      it('asks its leader before it appends, and tells the refusal', () =>
        withEngines(count, async (engines, machines) => {
          for (const machine of machines) machine.refusal = 'sequence-gap';
          for (const [i, engine] of engines.entries()) {
            const outcome = await engine.propose(Uint8Array.of(9)).then(
              () => 'resolved',
              (error: unknown) => error,
            );
            const { code, reason } = Object(outcome) as { code?: unknown; reason?: unknown };
            equal({ code, reason }, { code: 'not-committed', reason: 'sequence-gap' }, `proposal of ${i}`);
          }
          for (const machine of machines) machine.refusal = undefined;
          await engines[0]?.propose(Uint8Array.of(1));
          equal(machines[0]?.commands(), [1], 'commands');
        }));

      it('lets one member lead, in a term', () =>
        withEngines(count, async (engines, machines) => {
          await engines[0]?.propose(Uint8Array.of(1));
          equal(machines.filter(({ term }) => term !== undefined).length, 1, 'leaders');
        }));

      it('goes on after a snapshot as if it had followed the log', () =>
        withEngines(count, async ([engine], machines, grid) => {
          if (engine === undefined || grid.catchUpBySnapshot === undefined || count === 1) return;
          await engine.propose(Uint8Array.of(1));
          await grid.catchUpBySnapshot(() => engine.propose(Uint8Array.of(2)));
          await engine.propose(Uint8Array.of(3));
          await grid.engines.at(-1)?.barrier();
          equal(machines.at(-1)?.applied, machines[0]?.applied, 'the last member');
          equal(machines.at(-1)?.restored, true, 'it was restored');
        }));

      it('ends every call when it is stopped', () =>
        withEngines(count, async (engines) => {
          const [engine] = engines;
          if (engine === undefined) return;
          const calls = [engine.propose(Uint8Array.of(1)), engine.stop(), engine.stop()];
          await Promise.allSettled(calls);
          const outcome = await engine.propose(Uint8Array.of(2)).then(
            () => 'resolved',
            () => 'rejected',
          );
          equal(outcome, 'rejected', 'a proposal to a stopped engine');
        }));
    });
  }
}

/** Keeps what it is told. */
class RecordingMachine implements StateMachine {
  readonly applied: { readonly index: number; readonly time: number; readonly command: readonly number[] }[] = [];
  membersAtFirstCommand: readonly MemberId[] | undefined;
  refusal: string | undefined;
  restored = false;
  term: number | undefined;
  #members = new Set<MemberId>();

  commands(): (number | undefined)[] {
    return this.applied.map(({ command }) => command[0]);
  }

  admit(): string | undefined {
    return this.refusal;
  }

  apply({ index, time, command }: { index: number; time: number; command: Uint8Array }): void {
    this.membersAtFirstCommand ??= [...this.#members];
    this.applied.push({ index, time, command: [...command] });
  }

  membersChanged({ joined, left }: MembersChange): void {
    for (const member of joined) this.#members.add(member);
    for (const member of left) this.#members.delete(member);
  }

  async *snapshot(): AsyncIterable<Uint8Array> {
    yield new TextEncoder().encode(JSON.stringify(this.applied));
  }

  async restore({ members }: SnapshotOrigin, data: AsyncIterable<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    let text = '';
    for await (const chunk of data) text += decoder.decode(chunk, { stream: true });
    this.applied.splice(0, this.applied.length, ...JSON.parse(text));
    this.#members = new Set(members);
    this.restored = true;
  }

  leading(term: number | undefined): void {
    this.term = term;
  }

  receive(): void {}
}
