import type { Entry } from '@hamok/raft';
import type { HamokMap, HamokQueue } from 'hamok';
import { Violation } from '../../invariants/invariant.js';
import { emitterOf, endingMapOf, lineOf, mapOf, recordOf, remoteMapOf, worksOf } from '../workload/collections.js';
import type { Process } from '../world/process.js';
import type { GridInvariant } from './grid-invariant.js';

const mapEvents = ['insert', 'update', 'remove', 'expire', 'clear'] as const;
const changes = ['insert', 'update', 'remove', 'clear'] as const;
const queueEvents = ['add', 'remove', 'empty', 'not-empty', 'dead-letter'] as const;
const subscriptionEvents = ['added', 'updated', 'removed'] as const;

/** The state that events tell of is compared with the state that is there at every index that this divides. */
const every = 16;

interface Page {
  readonly events: string;
  readonly first: string;
}

/** One grid's events by index, and the map that they add up to. */
interface Book {
  readonly pages: Map<number, Page>;
  readonly map: Map<string, string>;
  last: number;
}

/**
 * Events fire on every member in the order of application: whoever applies an index tells the same events of it, and no others, and
 * what they tell adds up to what can be read.
 */
export function journal(): GridInvariant {
  const name = 'events in order of application';
  const books = new Map<string, Book>();
  const told = new WeakMap<Process, string[]>();

  const bookOf = (gridId: string): Book => {
    const book = books.get(gridId) ?? { pages: new Map<number, Page>(), map: new Map<string, string>(), last: -1 };
    books.set(gridId, book);
    return book;
  };

  return {
    name,
    source: 'architecture: "Events fire on every member, in the order of application"',
    onSpawn(process) {
      const events: string[] = [];
      told.set(process, events);
      const tell = (collection: string, event: string, args: unknown[]): void => {
        events.push(JSON.stringify([collection, event, ...args]));
      };
      for (const map of [mapOf(process), endingMapOf(process)])
        for (const event of mapEvents)
          (map as HamokMap<unknown, unknown>).on(event, (...args: unknown[]) => tell(map.id, event, args));
      for (const queue of [lineOf(process), worksOf(process)])
        for (const event of queueEvents)
          (queue as HamokQueue<unknown>).on(event, (...args: unknown[]) => tell(queue.id, event, args));
      for (const event of changes) {
        recordOf(process).on(event, (...args: unknown[]) => tell('record', event, args));
        remoteMapOf(process).on(event, (...args: unknown[]) => tell('remote map', event, args));
      }
      const { subscriptions } = emitterOf(process);
      for (const event of subscriptionEvents)
        subscriptions.on(event, (...args: unknown[]) => tell('emitter', event, args));
    },
    onRejoin: (process) => void told.get(process)?.splice(0),
    onApplied(process, { index }: Entry) {
      const events = told.get(process)?.splice(0) ?? [];
      const text = events.join('\n');
      const { gridId } = process;
      if (gridId === undefined || process.isClosed) return;
      const book = bookOf(gridId);
      const page = book.pages.get(index);
      if (page && page.events !== text)
        throw new Violation(name, `at ${index} ${page.first} told [${page.events}], ${process.name} [${text}]`);
      if (page) return;
      if (text !== '') book.pages.set(index, { events: text, first: process.name });
      else if (index <= book.last) return;
      // Who is first to apply an index is first at every one: nothing was skipped, unless a snapshot was taken over.
      if (index !== book.last + 1) return;
      book.last = index;
      for (const event of events) write(book.map, JSON.parse(event));
      if (index % every === 0) compare(name, process, book.map);
    },
  };
}

function write(map: Map<string, string>, [collection, event, key, ...values]: string[]): void {
  if (collection !== 'map') return;
  if (event === 'clear') map.clear();
  else if (event === 'insert' || event === 'update') map.set(key ?? '', values.at(-1) ?? '');
  else map.delete(key ?? '');
}

function compare(name: string, process: Process, expected: ReadonlyMap<string, string>): void {
  const found = new Map(mapOf(process));
  const differs = found.size !== expected.size || [...expected].some(([key, value]) => found.get(key) !== value);
  if (!differs) return;
  const [is, told] = [JSON.stringify([...found]), JSON.stringify([...expected])];
  throw new Violation(name, `${process.name} holds ${is}, where events told ${told}`);
}
