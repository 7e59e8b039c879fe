import type { Entry } from '@hamok/raft';
import { Violation } from '../../invariants/invariant.js';
import type { GridInvariant } from './grid-invariant.js';
import type { ToldEvents } from './told-events.js';

interface Page {
  readonly events: string;
  readonly first: string;
}

/** One grid's events by index. */
interface Book {
  readonly pages: Map<number, Page>;
  last: number;
}

/** Events fire on every member in the order of application: whoever applies an index tells the same events of it, and no others. */
export function journal(told: ToldEvents): GridInvariant {
  const name = 'events in order of application';
  const books = new Map<string, Book>();

  return {
    name,
    source: 'architecture: "Events fire on every member, in the order of application"',
    onSpawn: (process) => told.listen(process),
    onRejoin: (process) => told.forget(process),
    onApplied(process, { index }: Entry) {
      const text = told.at(process, index).join('\n');
      const { gridId } = process;
      if (gridId === undefined || process.isClosed) return;
      const book = books.get(gridId) ?? { pages: new Map<number, Page>(), last: -1 };
      books.set(gridId, book);
      const page = book.pages.get(index);
      if (page && page.events !== text)
        throw new Violation(name, `at ${index} ${page.first} told [${page.events}], ${process.name} [${text}]`);
      if (page) return;
      if (text !== '') book.pages.set(index, { events: text, first: process.name });
      else if (index <= book.last) return;
      // Who is first to apply an index is first at every one: nothing was skipped, unless a snapshot was taken over.
      if (index === book.last + 1) book.last = index;
    },
  };
}
