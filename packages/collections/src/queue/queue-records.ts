import type { ByteReader } from '../bytes/byte-reader.js';
import type { ByteWriter } from '../bytes/byte-writer.js';
import { BadSnapshotError } from '../errors.js';
import type { StateCut } from '../replicated/storage-state.js';
import type { QueueItem } from './queue-item.js';
import type { QueueState } from './queue-state.js';
import type { Waiter } from './waiters.js';

/* The records of a queue in a snapshot: its counters first, and then what it holds, in an order that the log decides. */
enum Record {
  Counters = 0,
  Ready = 1,
  Delayed = 2,
  Held = 3,
  Waiting = 4,
  Remembered = 5,
  DeadLetter = 6,
}

export function cutQueue(queue: QueueState): StateCut {
  const { nextPosition, headPosition, nextTicket } = queue;
  const sections = [
    section(Record.Counters, [{ nextPosition, headPosition, nextTicket }], (counters, writer) => {
      writer.varint(counters.nextPosition);
      writer.varint(-counters.headPosition);
      writer.varint(counters.nextTicket);
    }),
    section(Record.Ready, queue.ready.cut(), writeItem),
    section(Record.Delayed, queue.delayed.toArray(), ({ item, from }, writer) => {
      writeItem(item, writer);
      writer.varint(from);
    }),
    section(Record.Held, queue.leases.toArray(), ({ holder, item, until }, writer) => {
      writeWaiter(holder, writer);
      writeItem(item, writer);
      writer.varint(until);
    }),
    section(Record.Waiting, queue.waiters.toArray(), writeWaiter),
    section(Record.Remembered, queue.remembered.toArray(), ({ dedupId, until }, writer) => {
      writer.text(dedupId);
      writer.varint(until);
    }),
    section(Record.DeadLetter, [...queue.deadLetters], writeItem),
  ];
  return joined(sections);
}

/** @throws BadSnapshotError for what `cutQueue` does not write */
export function readQueueRecord(queue: QueueState, record: ByteReader): void {
  const type = record.byte();
  switch (type) {
    case Record.Counters:
      queue.nextPosition = record.varint();
      queue.headPosition = 0 - record.varint();
      queue.nextTicket = record.varint();
      break;
    case Record.Ready:
      queue.ready.push(readItem(record));
      break;
    case Record.Delayed:
      queue.delayed.add(readItem(record), record.varint());
      break;
    case Record.Held: {
      const holder = readWaiter(queue, record);
      queue.leases.add(holder, readItem(record), record.varint());
      break;
    }
    case Record.Waiting:
      queue.waiters.push(readWaiter(queue, record));
      break;
    case Record.Remembered: {
      const dedupId = record.text();
      if (queue.remembered.has(dedupId)) throw new BadSnapshotError('a dedup id occurs twice');
      queue.remembered.add(dedupId, record.varint());
      break;
    }
    case Record.DeadLetter:
      queue.deadLetters.push(readItem(record));
      break;
    default:
      throw new BadSnapshotError(`unknown record ${type} of a queue`);
  }
}

/** What is listed is never changed: what happens to an item makes another. */
interface Cut<T> extends Iterable<T> {
  readonly length: number;
}

function section<T>(type: Record, items: Cut<T>, write: (item: T, writer: ByteWriter) => void): StateCut {
  const rest = items[Symbol.iterator]();
  return {
    count: items.length,
    write(_, writer) {
      const { value, done } = rest.next();
      if (done) return;
      writer.byte(type);
      write(value, writer);
    },
  };
}

function joined(sections: readonly StateCut[]): StateCut {
  let current = 0;
  let first = 0;
  return {
    count: sections.reduce((sum, { count }) => sum + count, 0),
    write(position, writer) {
      for (let part = sections[current]; part !== undefined; part = sections[++current]) {
        if (position < first + part.count) return part.write(position - first, writer);
        first += part.count;
      }
    },
  };
}

/** Positions below 0 have odd numbers. */
function writeItem({ position, value, deliveries }: QueueItem, writer: ByteWriter): void {
  writer.varint(position < 0 ? -2 * position - 1 : 2 * position);
  writer.bytes(value);
  writer.varint(deliveries);
}

function readItem(record: ByteReader): QueueItem {
  const number = record.varint();
  const position = number % 2 === 1 ? -(number + 1) / 2 : number / 2;
  return { position, value: record.bytes().slice(), deliveries: record.varint() };
}

function writeWaiter({ ticket, member, leaseInMs, maxDeliveries }: Waiter, writer: ByteWriter): void {
  writer.varint(ticket);
  writer.text(member);
  writer.varint(leaseInMs);
  writer.varint(maxDeliveries);
}

function readWaiter(queue: QueueState, record: ByteReader): Waiter {
  const ticket = record.varint();
  if (queue.leases.get(ticket) !== undefined || queue.waiters.get(ticket) !== undefined)
    throw new BadSnapshotError('a ticket occurs twice');
  return { ticket, member: record.text(), leaseInMs: record.varint(), maxDeliveries: record.varint() };
}
