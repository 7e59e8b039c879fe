import type { Edit, ProductMutant } from '../../grid/mutants/product-mutant.js';

const grid = 'collections/src/storage-grid';
const separated = 'collections/src/separated-storage';
const federated = 'collections/src/federated-storage';

/** Each version counts once, whoever told it: without that, what comes twice is merged twice. */
const mergedByTeller: readonly Edit[] = [
  {
    file: `${federated}/version-calls.ts`,
    find: "byKey.get(splitSlot(slot)?.key ?? '')?.set(slot, values[at] ?? '');",
    replace:
      "const told = byKey.get(splitSlot(slot)?.key ?? ''); told?.set(told.has(slot) ? slot + '/' + told.size : slot, values[at] ?? '');",
  },
];

/** The bugs that only storages show whose entries live on their members. */
export const storageMutants: readonly ProductMutant[] = [
  {
    name: 'a change acknowledged before its backups have it',
    edits: [
      {
        file: `${grid}/held-entries.ts`,
        find: '    this.#open.add(write);\n    this.#send(write);\n',
        replace: '    this.#open.add(write);\n    this.#send(write);\n    write.settled();\n',
      },
    ],
  },
  {
    name: 'a grant accepted in a later epoch',
    edits: [
      { file: `${separated}/key-attempt.ts`, find: ' && grid.view.epoch === epoch && !grid.closed', replace: '' },
    ],
  },
  {
    name: 'a grant to who knows an older epoch',
    edits: [
      {
        file: `${separated}/key-service.ts`,
        find: 'if (epoch < view.epoch || view.homeOf(slot) !== grid.self) return retry;',
        replace: 'if (view.homeOf(slot) !== grid.self) return retry;',
      },
    ],
  },
  {
    name: 'a holder chosen by others than the home',
    edits: [
      {
        file: `${separated}/key-service.ts`,
        find: ' || view.homeOf(slot) !== grid.self) return retry;',
        replace: ') return retry;',
      },
      { file: `${separated}/key-attempt.ts`, find: 'hint ?? view.homeOf(item.slot)', replace: 'hint ?? grid.self' },
    ],
  },
  {
    name: 'a grant given before all is known',
    edits: [
      {
        file: `${separated}/key-service.ts`,
        find: 'if (!restoring.knows(slot) || held.isLeaving(slot)) return undefined;',
        replace: 'if (held.isLeaving(slot)) return undefined;',
      },
    ],
  },
  {
    name: 'grants forgotten when the participants change',
    edits: [
      {
        file: `${separated}/key-service.ts`,
        find: 'reservations.retain((participant) => grid?.view.has(participant) === true);',
        replace: 'reservations.retain(() => false);',
      },
    ],
  },
  {
    name: 'entries restored while their holder takes part',
    edits: [
      {
        file: `${grid}/departures.ts`,
        find: 'if (!view.has(holder) && !this.#byId.has(holder.id))',
        replace: 'if (!this.#byId.has(holder.id))',
      },
    ],
  },
  {
    name: 'entries restored by whoever has a backup',
    edits: [
      {
        file: `${grid}/restoring.ts`,
        find: '        if (view.homeOf(slot) === this.self) {\n          if (this.#take',
        replace: '        if (true) {\n          if (this.#take',
      },
      {
        file: `${grid}/restoring.ts`,
        find: 'if (!informed && !this.#isContinuous(slot, holder)) return false;',
        replace: '',
      },
    ],
  },
  {
    name: 'a delete undone by a backup from before',
    edits: [{ file: `${grid}/settling.ts`, find: '    await this.#dropElsewhere(restored);\n', replace: '' }],
  },
  {
    name: 'a deletion of which the home learns first',
    edits: [
      {
        file: `${grid}/held-entries.ts`,
        find: 'const deletion = { areHomesTold: false };',
        replace: 'const deletion = { areHomesTold: true };',
      },
    ],
  },
  {
    name: 'copies dropped before those that take their place have come',
    edits: [
      {
        file: `${grid}/rebalancing.ts`,
        find: '    await Promise.all(others.map((to) => this.#copy(to, view, size)));',
        replace: '    void Promise.all(others.map((to) => this.#copy(to, view, size)));',
      },
    ],
  },
  {
    name: 'an announcement before what it announces',
    edits: [
      {
        file: `${grid}/rebalancing.ts`,
        find: '    await this.departures.tellHome(to, view, sent);\n',
        replace:
          '    this.streams.send(to, announcement(view.epoch), sent.next());\n    await this.departures.tellHome(to, view, sent);\n',
      },
    ],
  },
  {
    name: 'a message of a stream taken in twice',
    edits: [
      {
        file: `${grid}/stream.ts`,
        find: '    if (frame.sequence === this.#lastReceived + 1 && frame.epoch',
        replace:
          '    if (frame.sequence <= this.#lastReceived) for (const message of frame.messages) this.#options.receive(message);\n    if (frame.sequence === this.#lastReceived + 1 && frame.epoch',
      },
    ],
  },
  {
    name: 'a message of an epoch taken in that is not known yet',
    edits: [
      {
        file: `${grid}/stream.ts`,
        find: 'if (frame.sequence === this.#lastReceived + 1 && frame.epoch <= this.#options.epoch()) {',
        replace: 'if (frame.sequence === this.#lastReceived + 1) {',
      },
    ],
  },
  {
    name: 'copies seen in one turn, and sent in a later one',
    edits: [
      {
        file: `${grid}/rebalancing.ts`,
        find: '    flush();\n  }\n}\n',
        replace: '    await this.pauses.pause(20);\n    flush();\n  }\n}\n',
      },
    ],
  },
  {
    name: 'copies of more entries than a turn looks at, sent when all have been looked at',
    edits: [
      { file: `${grid}/entries-a-turn.ts`, find: 'const entriesATurn = 2048;', replace: 'const entriesATurn = 1;' },
      { file: `${grid}/rebalancing.ts`, find: 'pauses.pause(0)', replace: 'pauses.pause(20)' },
      { file: `${grid}/departures.ts`, find: 'pauses.pause(0)', replace: 'pauses.pause(20)' },
      { file: `${grid}/restoring.ts`, find: 'pauses.pause(0)', replace: 'pauses.pause(20)' },
      {
        file: `${grid}/rebalancing.ts`,
        find: '      flush();\n      await this.streams',
        replace: '      await this.streams',
      },
    ],
  },
  {
    name: 'a version applied from an older epoch',
    edits: [
      // What one who left sends yet, while it does not know, finds its stream, which answers nothing any more.
      { file: `${grid}/streams.ts`, find: '      this.#streams.delete(id);\n', replace: '' },
      {
        file: `${grid}/streams.ts`,
        find: 'if (sender === undefined || frame.sourceSince !== sender.since || frame.destinationSince !== self.since) return;',
        replace: 'if (frame.destinationSince !== self.since) return;',
      },
      {
        file: `${grid}/streams.ts`,
        find: 'this.#streams.get(sender.id)',
        replace: "this.#streams.get(from + '/' + frame.sourceSince)",
      },
      {
        file: `${grid}/stream.ts`,
        find: '    if (this.#closed) return;\n    this.#acknowledge',
        replace: '    this.#acknowledge',
      },
    ],
  },
  {
    name: 'a key given to two who ask',
    edits: [
      {
        file: `${separated}/key-service.ts`,
        find: '    if (reserved !== undefined && reserved !== from) return retry;\n',
        replace: '',
      },
    ],
  },
  {
    name: 'a merge that counts backups',
    edits: [
      {
        file: `${federated}/versions.ts`,
        find: '    for (const slot of this.#slotsOf(keys)) {\n      const value',
        replace:
          "    for (const holder of this.#grid.copies.holders())\n      for (const [slot, copy] of this.#grid.copies.of(holder))\n        if (typeof copy === 'string' && keys.includes(splitSlot(slot)?.key ?? '')) yield [slot, copy];\n    for (const slot of this.#slotsOf(keys)) {\n      const value",
      },
      ...mergedByTeller,
    ],
  },
  {
    name: 'a restored version merged beside the live one',
    edits: [
      {
        file: `${grid}/departures.ts`,
        find: 'if (!view.has(holder) && !this.#byId.has(holder.id))',
        replace: 'if (!this.#byId.has(holder.id))',
      },
      ...mergedByTeller,
    ],
  },
  {
    name: 'a change that the grid does not confirm',
    edits: [
      {
        file: `${grid}/confirmation.ts`,
        find: 'return 2 * copies <= this.members() || !this.isLed();',
        replace: 'return false;',
      },
    ],
  },
  {
    name: 'a loss with all who knew of it that nobody is told of',
    edits: [{ file: `${grid}/unnamed-losses.ts`, find: 'if (gone.size > 0) this.report([...gone]);', replace: '' }],
  },
  {
    name: 'losses that may be told of though too few have gone',
    edits: [
      {
        file: `${grid}/unnamed-losses.ts`,
        find: 'Math.min(this.backups + 2, participants.length)',
        replace: 'Math.min(this.backups + 1, participants.length)',
      },
    ],
  },
  {
    name: 'who has gone told of again when all copies are in their places',
    edits: [
      {
        file: `${grid}/unnamed-losses.ts`,
        find: 'if (view.participants.every((one) => this.#settled.has(one))) this.#views = [view];',
        replace: '',
      },
    ],
  },
  {
    name: 'a loss that nobody is told of',
    edits: [
      {
        file: `${grid}/restoring.ts`,
        find: '    if (lost.length > 0) this.observer.lost(lost, holder);\n',
        replace: '',
      },
    ],
  },
  {
    name: 'a loss not told of where a keeper is left of one epoch of several',
    edits: [
      {
        file: `${grid}/whereabouts.ts`,
        find: 'views.length > 0 && views.every(hasBackup)',
        replace: 'views.length > 0 && views.some(hasBackup)',
      },
    ],
  },
  {
    name: 'a loss reported where a copy with the value comes later',
    edits: [
      { file: `${grid}/restoring.ts`, find: 'else if (informed) gone.push(slot);', replace: 'else gone.push(slot);' },
    ],
  },
  {
    name: 'a deletion told as an eviction where the entry is held',
    edits: [
      {
        file: `${separated}/separated-storage.ts`,
        find: "this.#tell(operation === MessageType.REMOVE_ENTRIES_REQUEST ? 'evicted' : 'deleted', key, before)",
        replace: "this.#tell('evicted', key, before)",
      },
    ],
  },
  {
    name: 'a call whose time is over, and that goes on waiting',
    edits: [{ file: `${grid}/patience.ts`, find: '          else this.#giveUp(undefined);\n', replace: '' }],
  },
];
