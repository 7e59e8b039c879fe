import type { ProductMutant } from './product-mutant.js';

/** The bugs of sessions: what is applied once, and how calls learn of it. */
export const sessionMutants: readonly ProductMutant[] = [
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
    name: 'a session that stays after its member',
    edits: [
      {
        file: 'collections/src/replicated/replicated-state.ts',
        find: '    this.#contents.sessions.delete(member);\n',
        replace: '',
      },
    ],
  },
  {
    name: 'results forgotten before they are acknowledged',
    edits: [
      {
        file: 'collections/src/replicated/replicated-state.ts',
        find: 'session.acknowledge(command.acknowledged)',
        replace: 'session.acknowledge(command.sequence - 1)',
      },
    ],
  },
  {
    name: 'an answer of another sequence',
    edits: [
      {
        file: 'collections/src/replicated/replicated-session.ts',
        find: 'this.results.at(sequence - this.acknowledged - 1)',
        replace: 'this.results.at(sequence - this.acknowledged)',
      },
    ],
  },
  {
    name: 'results acknowledged before they came',
    edits: [
      {
        file: 'collections/src/session/session.ts',
        find: 'this.#nextSequence - 1 - this.#window.length',
        replace: 'this.#nextSequence - this.#window.length',
      },
    ],
  },
  {
    name: 'a result that a snapshot brought, skipped',
    edits: [
      {
        file: 'collections/src/replicated/replicated-state.ts',
        find: 'let sequence = before.lastApplied + 1;',
        replace: 'let sequence = before.lastApplied + 2;',
      },
    ],
  },
  {
    name: 'calls that are sent again in reverse',
    edits: [
      {
        file: 'collections/src/session/session.ts',
        find: 'for (const call of this.#window.toArray()) {',
        replace: 'for (const call of this.#window.toArray().reverse()) {',
      },
    ],
  },
  {
    name: 'a call that was given up for certain, and not taken back',
    edits: [
      {
        file: 'collections/src/session/session.ts',
        find: 'this.#replace(call, new NotCommittedError(',
        replace: 'call.reject(new NotCommittedError(',
      },
    ],
  },
  {
    name: 'what is too large refused only when it was sent',
    edits: [
      {
        file: 'collections/src/session/session.ts',
        find: 'return bytes > maxCommandBytes ? new',
        replace: 'return bytes > 2 * maxCommandBytes ? new',
      },
    ],
  },
];
