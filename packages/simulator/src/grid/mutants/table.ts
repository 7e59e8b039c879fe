import type { ProductMutant } from './product-mutant.js';

/** The bugs that only whole members show: in nodes, sessions and collections. */
export const productMutants: readonly ProductMutant[] = [
  {
    name: 'a snapshot that drops the sessions',
    edits: [
      {
        file: 'collections/src/replicated/snapshot.ts',
        find: '[...sessions, ...storages]',
        replace: '[...storages]',
      },
    ],
  },
  {
    name: 'a duplicate applied twice',
    edits: [
      {
        file: 'collections/src/replicated/replicated-state.ts',
        find: 'if (command.sequence - 1 !== session?.lastApplied)',
        replace: 'if (session === undefined || command.sequence - 1 > session.lastApplied)',
      },
    ],
  },
  {
    name: 'a proposal resent under a new sequence',
    edits: [
      { file: 'collections/src/session/session.ts', find: '    call.command = undefined;\n', replace: '' },
      {
        file: 'collections/src/session/session.ts',
        find: 'if (resending && !call.done) this.#propose(call);',
        replace: `if (!resending || call.done) continue;
      call.sequence = this.#nextSequence++;
      if (call.command) call.bytes = this.#encode(call.target, call.command, call.sequence);
      this.#propose(call);`,
      },
    ],
  },
  {
    name: 'a match of whole members credited to the id instead of the incarnation',
    edits: [
      {
        file: 'raft/src/core/replication.ts',
        find: 'const progress = state.progress.get(response.from);',
        replace: `const id = response.from.split('@')[0] + '@';
  const progress = [...state.progress.values()].find(({ member }) => member.startsWith(id));`,
      },
    ],
  },
  {
    name: "a restarted member that keeps its vote's place",
    edits: [
      {
        file: 'raft/src/identity/incarnation.ts',
        find: 'Math.max(Math.floor(wallTimeInMs) * range + Math.floor(random() * range), highestSeen + 1)',
        replace: 'range + highestSeen + 1',
      },
    ],
  },
  {
    name: 'two members bootstrapping apart',
    edits: [
      {
        file: 'raft/src/bootstrap/plan.ts',
        find: 'return sorted(plan.ids);',
        replace: 'return sorted(found);',
      },
    ],
  },
  {
    name: 'a new incarnation added before the old one is removed',
    edits: [
      {
        file: 'raft/src/node/admission.ts',
        find: "return this.#isAlive(before) ? undefined : { type: 'remove', member: before };",
        replace: "return { type: 'add-learner', member };",
      },
    ],
  },
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
    name: 'a read before its index is applied',
    edits: [
      {
        file: 'raft/src/node/read-barriers.ts',
        find: 'else this.#applying.push({ index, barriers: round.barriers });',
        replace: 'else for (const barrier of round.barriers) barrier.resolve(index);',
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
    name: 'an event delivered again when the publisher asks',
    edits: [
      {
        file: 'collections/src/emitter/event-delivery.ts',
        find: '    this.#outcomes.add(index, delivered);\n',
        replace: `    this.#outcomes.add(index, delivered);
    (this as never).last = () => this.call(event, () => this.decode(event, payload));\n`,
      },
      {
        file: 'collections/src/emitter/event-delivery.ts',
        find: '  #answer(from: MemberId, token: string, index: number): void {\n',
        replace: `  #answer(from: MemberId, token: string, index: number): void {
    (this as never).last?.();\n`,
      },
    ],
  },
  {
    name: 'subscriptions that outlive their member',
    edits: [
      {
        file: 'collections/src/emitter/emitter-state.ts',
        find: '    for (const member of left) this.#unsubscribeFromAll(member);\n',
        replace: '',
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
    name: 'a change of a database made again by the next leader',
    edits: [
      {
        file: 'collections/src/remote-map/carry-out-once.ts',
        find: '  if (note.index < index) return undefined;\n',
        replace: '  return undefined;\n',
      },
    ],
  },
];
