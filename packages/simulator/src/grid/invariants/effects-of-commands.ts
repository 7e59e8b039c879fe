import type { Entry } from '@hamok/raft';
import { Violation } from '../../invariants/invariant.js';
import type { Told } from '../reference/collection.js';
import { ReferenceGrid } from '../reference/grid.js';
import { readable } from '../workload/readable.js';
import type { Process } from '../world/process.js';
import type { AnswersOfCalls } from './answers-of-calls.js';
import type { GridInvariant } from './grid-invariant.js';
import { unread } from './log-effects.js';
import type { ToldEvents } from './told-events.js';

/** What can be read is compared at every index that this divides. */
const every = 16;

/** What is to be told of an index, as text: by collection, and of all in their order, for most members tell it just so. */
interface Expected {
  readonly texts: ReadonlyMap<string, string>;
  readonly all: string;
}

/** One grid: what is to be told of each index, and what can be read there, by collection. */
interface Book {
  readonly grid: ReferenceGrid;
  readonly told: Map<number, Expected>;
  readonly contents: Map<number, ReadonlyMap<string, string>>;
  last: number;
}

/**
 * Whoever applies a command tells of what it does, and can read it: no more and no less than the plainest model of the collections makes of
 * the same log.
 */
export class EffectsOfCommands implements GridInvariant {
  readonly name = 'a command does what it says';
  readonly source = 'HamokMap, HamokRecord, HamokQueue, HamokEmitter, ReplicatedStorage: what calls do';
  readonly #books = new Map<string, Book>();

  /** @param answers are told what comes of commands */
  constructor(
    private readonly told: ToldEvents,
    private readonly answers: AnswersOfCalls,
  ) {}

  onApplied(process: Process, entry: Entry): void {
    const { index } = entry;
    const found = this.told.at(process, index);
    const book = this.#bookOf(process);
    if (!book || process.isClosed) return;
    for (const each of unread(process, book.last, entry)) {
      book.told.set(each.index, expectedOf(book.grid.apply(each)));
      book.last = each.index;
      if (each.index % every === 0) book.contents.set(each.index, contentsOf(book.grid));
    }
    const expected = book.told.get(index);
    if (expected) this.#compare(process, index, book.grid, expected, found);
    for (const [id, contents] of book.contents.get(index) ?? []) {
      const read = JSON.stringify(readable(process, id));
      if (read !== contents)
        throw new Violation(this.name, `${process.name} at ${index} reads ${id} as ${read}, which is ${contents}`);
    }
  }

  #bookOf({ gridId, core }: Process): Book | undefined {
    if (gridId === undefined || !core) return undefined;
    const known = this.#books.get(gridId);
    if (known || core.log.base.index >= 0) return known;
    const grid = new ReferenceGrid(core.log.configurationAt(-1), (session, outcomes) =>
      this.answers.carriedOut(session, outcomes),
    );
    const book: Book = { grid, told: new Map(), contents: new Map(), last: -1 };
    this.#books.set(gridId, book);
    return book;
  }

  #compare(
    { name }: Process,
    index: number,
    { collections }: ReferenceGrid,
    { texts, all }: Expected,
    found: readonly string[],
  ): void {
    if (found.join(' ') === all) return;
    const told = new Map<string, string[]>();
    for (const line of found) {
      const [id] = JSON.parse(line);
      told.set(id, [...(told.get(id) ?? []), line]);
    }
    for (const id of collections.keys()) {
      const [is, should] = [(told.get(id) ?? []).join(' '), texts.get(id) ?? ''];
      if (is !== should) throw new Violation(this.name, `${name} told of ${index} [${is}], which is [${should}]`);
    }
  }
}

function expectedOf(told: ReadonlyMap<string, readonly Told[]>): Expected {
  const texts = new Map<string, string>();
  for (const [id, events] of told)
    if (events.length > 0) texts.set(id, events.map((event) => JSON.stringify([id, ...event])).join(' '));
  return { texts, all: [...texts.values()].join(' ') };
}

function contentsOf({ collections }: ReferenceGrid): ReadonlyMap<string, string> {
  return new Map([...collections].map(([id, { contents }]) => [id, JSON.stringify(contents)]));
}
