import type { ProductMutant } from './product-mutant.js';

/** The bugs of queues. */
export const queueMutants: readonly ProductMutant[] = [
  {
    name: 'a waiter served twice',
    edits: [
      {
        file: 'collections/src/queue/queue-state.ts',
        find: 'const holder = this.waiters.shift();',
        replace: 'const [holder] = this.waiters.toArray();\n      if (this.ready.length === 1) this.waiters.shift();',
      },
    ],
  },
  {
    name: 'a hold that does not end when its holder leaves',
    edits: [
      {
        file: 'collections/src/queue/queue-state.ts',
        find: '    this.leases.retain(members);\n',
        replace: '',
      },
    ],
  },
  {
    name: 'a dedupId forgotten',
    edits: [
      {
        file: 'collections/src/queue/queue-state.ts',
        find: '      this.remembered.add(dedupId, deadline(at, ttlInMs ?? 0));\n',
        replace: '',
      },
    ],
  },
  {
    name: 'a popped item that is not put back when its caller is gone',
    edits: [
      {
        file: 'collections/src/queue/hamok-queue.ts',
        find: 'if (!(result instanceof Refusal)) this.#waits.cancelLate(result);',
        replace: '',
      },
    ],
  },
  {
    name: 'an item given back is lost',
    edits: [
      {
        file: 'collections/src/queue/queue-state.ts',
        find: '      this.delayed.add(item, deadline(at, delayInMs));\n    } else {\n      this.#offer(item);',
        replace: '      this.delayed.add(item, deadline(at, delayInMs));\n    } else {',
      },
    ],
  },
  {
    name: 'a hold that ends early',
    edits: [
      {
        file: 'collections/src/queue/queue-state.ts',
        find: 'deadline(at, leaseInMs === 0 ? handoverInMs : leaseInMs)',
        replace: 'deadline(at, leaseInMs === 0 ? handoverInMs : leaseInMs / 2)',
      },
    ],
  },
  {
    name: 'a hold that never ends',
    edits: [
      {
        file: 'collections/src/queue/queue-state.ts',
        find: 'deadline(at, leaseInMs === 0 ? handoverInMs : leaseInMs)',
        replace: 'deadline(at, leaseInMs === 0 ? handoverInMs : Number.MAX_SAFE_INTEGER)',
      },
    ],
  },
  {
    name: 'an extension without effect',
    edits: [
      {
        file: 'collections/src/queue/queue-state.ts',
        find: 'if (lease !== undefined) this.leases.extend(lease, deadline(at, leaseInMs));',
        replace: '',
      },
    ],
  },
  {
    name: 'one delivery too many',
    edits: [
      {
        file: 'collections/src/queue/queue-state.ts',
        find: 'item.deliveries >= holder.maxDeliveries',
        replace: 'item.deliveries > holder.maxDeliveries',
      },
    ],
  },
  {
    name: 'an item pushed with a delay and offered at once',
    edits: [
      {
        file: 'collections/src/queue/queue-state.ts',
        find: 'if (delayInMs > 0) this.delayed.add(item, deadline(at, delayInMs));\n      else {',
        replace: '{',
      },
    ],
  },
  {
    name: 'an item given back with a delay and offered at once',
    edits: [
      {
        file: 'collections/src/queue/queue-state.ts',
        find: '} else if (delayInMs > 0) {',
        replace: '} else if (delayInMs > 1e9) {',
      },
    ],
  },
  {
    name: 'a dedupId forgotten early',
    edits: [
      {
        file: 'collections/src/queue/queue-state.ts',
        find: 'deadline(at, ttlInMs ?? 0)',
        replace: 'deadline(at, (ttlInMs ?? 0) / 1000)',
      },
    ],
  },
  {
    name: 'a snapshot that drops what is held',
    edits: [
      {
        file: 'collections/src/queue/queue-records.ts',
        find: 'section(Record.Held, queue.leases.toArray(),',
        replace: 'section(Record.Held, queue.leases.toArray().slice(0, 0),',
      },
    ],
  },
  {
    name: 'a snapshot that drops who waits',
    edits: [
      {
        file: 'collections/src/queue/queue-records.ts',
        find: 'section(Record.Waiting, queue.waiters.toArray(),',
        replace: 'section(Record.Waiting, queue.waiters.toArray().slice(0, 0),',
      },
    ],
  },
  {
    name: 'a snapshot that drops what is delayed',
    edits: [
      {
        file: 'collections/src/queue/queue-records.ts',
        find: 'section(Record.Delayed, queue.delayed.toArray(),',
        replace: 'section(Record.Delayed, queue.delayed.toArray().slice(0, 0),',
      },
    ],
  },
  {
    name: 'a snapshot that counts deliveries anew',
    edits: [
      {
        file: 'collections/src/queue/queue-records.ts',
        find: 'writer.varint(deliveries);',
        replace: 'writer.varint(0);',
      },
    ],
  },
  {
    name: 'a snapshot that drops dead letters',
    edits: [
      {
        file: 'collections/src/queue/queue-records.ts',
        find: 'section(Record.DeadLetter, [...queue.deadLetters], writeItem)',
        replace: 'section(Record.DeadLetter, queue.deadLetters.slice(0, 0), writeItem)',
      },
    ],
  },
  {
    name: 'a snapshot that gives tickets again',
    edits: [
      {
        file: 'collections/src/queue/queue-records.ts',
        find: 'writer.varint(counters.nextTicket);',
        replace: 'writer.varint(1);',
      },
    ],
  },
  {
    name: 'an item given back behind those that were pushed',
    edits: [
      {
        file: 'collections/src/queue/ready-items.ts',
        find: '(returned !== undefined && precedes(returned, pushed)) ? returned : pushed',
        replace: '(returned !== undefined && !precedes(returned, pushed)) ? returned : pushed',
      },
    ],
  },
  {
    name: 'dead letters that stay when they are drained',
    edits: [
      {
        file: 'collections/src/queue/queue-state.ts',
        find: 'this.deadLetters.splice(0)',
        replace: 'this.deadLetters.slice(0)',
      },
    ],
  },
  {
    name: 'two items put back in one place',
    edits: [
      {
        file: 'collections/src/queue/queue-state.ts',
        find: 'position: --this.headPosition',
        replace: 'position: this.headPosition - 1',
      },
    ],
  },
  {
    name: 'a queue that tells too soon that it is empty',
    edits: [
      {
        file: 'collections/src/queue/queue-state.ts',
        find: 'if (turned) changes.push(',
        replace: 'if (turned) changes.unshift(',
      },
    ],
  },
];
