import type { ProductMutant } from './product-mutant.js';

/** The bugs of maps and records. */
export const mapMutants: readonly ProductMutant[] = [
  {
    name: 'a read without a barrier',
    edits: [
      {
        file: 'collections/src/map/hamok-map.ts',
        find: "if (options?.consistency !== 'local') await this.#client.catchUp(options);",
        replace: '',
      },
    ],
  },
  {
    name: 'compareAndSet that ignores the revision',
    edits: [
      {
        file: 'collections/src/replicated/map-state.ts',
        find: 'return (current?.revision ?? absent) === revision;',
        replace: 'return true;',
      },
    ],
  },
  {
    name: 'insert that overwrites',
    edits: [
      {
        file: 'collections/src/replicated/map-state.ts',
        find: '    if (existing !== undefined) return existing.value;\n',
        replace: '',
      },
    ],
  },
  {
    name: 'expiry by the local clock',
    edits: [
      {
        file: 'collections/src/replicated/replicated-state.ts',
        find: 'agenda.earliest <= entry.time ? agenda.carryOut(entry) : nothing;',
        replace: `agenda.earliest <= this.#logClock.now()
      ? agenda.carryOut({ ...entry, time: this.#logClock.now() }) : nothing;`,
      },
    ],
  },
  {
    name: 'a snapshot that drops the ends of entries',
    edits: [
      {
        file: 'collections/src/replicated/map-state.ts',
        find: 'writer.varint(deadline);',
        replace: 'writer.varint(0);',
      },
    ],
  },
  {
    name: 'a revision used again after a delete',
    edits: [
      {
        file: 'collections/src/replicated/map-state.ts',
        find: 'const slot = new MapSlot(place, after);',
        replace: 'const slot = new MapSlot(place, { ...after, revision: 0 });',
      },
    ],
  },
  {
    name: 'compareAndSet that takes an older revision',
    edits: [
      {
        file: 'collections/src/replicated/map-state.ts',
        find: '(current?.revision ?? absent) === revision',
        replace: '(current?.revision ?? absent) <= (revision ?? 0)',
      },
    ],
  },
  {
    name: 'an updateIf that compares lengths',
    edits: [
      {
        file: 'collections/src/replicated/map-state.ts',
        find: 'current !== undefined && equalBytes(current.value, prevValue)',
        replace: 'current !== undefined && current.value.length === prevValue.length',
      },
    ],
  },
  {
    name: 'an entry that ends early',
    edits: [
      {
        file: 'collections/src/replicated/map-state.ts',
        find: 'Math.min(at.time + ttlInMs,',
        replace: 'Math.min(at.time + ttlInMs - 1,',
      },
    ],
  },
  {
    name: 'an entry that ends late',
    edits: [
      {
        file: 'collections/src/replicated/map-state.ts',
        find: 'Math.min(at.time + ttlInMs,',
        replace: 'Math.min(at.time + ttlInMs + 500,',
      },
    ],
  },
  {
    name: 'an entry that keeps its end when it is overwritten',
    edits: [
      {
        file: 'collections/src/replicated/map-state.ts',
        find: '    slot.current = after;\n    this.#setDeadline(slot, deadline);',
        replace: '    slot.current = after;',
      },
    ],
  },
  {
    name: 'time that does not pass while nothing is written',
    edits: [
      {
        file: 'collections/src/replicated/time-duty.ts',
        find: 'else if (this.#term !== undefined) void this.#advance(this.#term);',
        replace: '',
      },
    ],
  },
  {
    name: 'a watch that skips a revision',
    edits: [
      {
        file: 'collections/src/map/map-history.ts',
        find: '?.revision ?? 0) < revision) low',
        replace: '?.revision ?? 0) <= revision) low',
      },
    ],
  },
  {
    name: 'an update of a record that looks at the first field alone',
    edits: [
      {
        file: 'collections/src/record/record-state.ts',
        find: 'i < expectedEntries; i++',
        replace: 'i < Math.min(1, expectedEntries); i++',
      },
    ],
  },
  {
    name: 'an end that is not put off',
    edits: [
      {
        file: 'collections/src/replicated/map-state.ts',
        find: '    this.#setDeadline(slot, deadline);\n    return true;',
        replace: '    return true;',
      },
    ],
  },
  {
    name: 'deadlines in disorder',
    edits: [
      {
        file: 'collections/src/replicated/deadlines.ts',
        find: 'return left !== undefined && right !== undefined && this.#isBefore(right, left) ? right : left;',
        replace: 'return left;',
      },
    ],
  },
  {
    name: 'a value written behind a snapshot under way',
    edits: [
      {
        file: 'collections/src/replicated/map-state.ts',
        find: '    this.#cuts.changing(slot);\n    slot.current = after;',
        replace: '    slot.current = after;',
      },
    ],
  },
  {
    name: 'an end told as a removal',
    edits: [
      {
        file: 'collections/src/replicated/map-state.ts',
        find: "this.#take(slot, 'expire', at)",
        replace: "this.#take(slot, 'remove', at)",
      },
    ],
  },
  {
    name: 'an end put off, as its caller is told, where there is no entry',
    edits: [
      {
        file: 'collections/src/replicated/map-state.ts',
        find: '    if (slot === undefined) return false;',
        replace: '    if (slot === undefined) return true;',
      },
    ],
  },
  {
    name: 'a revision for an end that is put off',
    edits: [
      {
        file: 'collections/src/replicated/map-state.ts',
        find: '    this.#setDeadline(slot, deadline);\n    return true;',
        replace:
          '    this.#setDeadline(slot, deadline);\n    if (slot.current !== undefined) slot.current = { ...slot.current, revision: deadline };\n    return true;',
      },
    ],
  },
  {
    name: 'a batch that inserts nothing where one key is taken',
    edits: [
      {
        file: 'collections/src/replicated/map-state.ts',
        find: 'return each(keys, (key, i) => this.#insert(key, values[i], deadlineOf(command, at), at));',
        replace:
          'if (keys.some((key) => this.slot(key))) return keys.map((key) => this.slot(key)?.current?.value);\n        return each(keys, (key, i) => this.#insert(key, values[i], deadlineOf(command, at), at));',
      },
    ],
  },
  {
    name: 'an eviction from a storage told as a deletion',
    edits: [
      {
        file: 'collections/src/replicated-storage/entry-changes.ts',
        find: "command === MessageType.REMOVE_ENTRIES_REQUEST ? 'evicted' : 'deleted'",
        replace: "'deleted'",
      },
    ],
  },
];
