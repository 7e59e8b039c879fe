import type { ProductMutant } from './product-mutant.js';

/** The bugs of what members tell their programs: of themselves, of their grid, and when a wait of theirs is over. */
export const toldMutants: readonly ProductMutant[] = [
  {
    name: 'a member that is ready before it has caught up',
    edits: [{ file: 'hamok/src/readiness.ts', find: '        await node.barrier();\n', replace: '' }],
  },
  {
    name: 'a voter that has joined without a leader',
    edits: [
      {
        file: 'raft/src/node/membership.ts',
        find: 'if (this.#joined || leader === undefined || !isVoter',
        replace: 'if (this.#joined || !isVoter',
      },
    ],
  },
  {
    name: 'a member that stays ready when it was stopped or removed',
    edits: [
      {
        file: 'hamok/src/readiness.ts',
        find: '    if (this.#ready.settled) this.#ready = new Deferred();\n',
        replace: '',
      },
    ],
  },
  {
    name: 'a member that leaves untold',
    edits: [
      {
        file: 'raft/src/node/raft-node.ts',
        find: "this.emit('remote-peer-left', idOf(member))",
        replace: 'void member',
      },
    ],
  },
  {
    name: 'a leader told of without the one before',
    edits: [
      {
        file: 'raft/src/node/leadership.ts',
        find: "emit('leader-changed', this.leaderId, previous)",
        replace: "emit('leader-changed', this.leaderId, undefined)",
      },
    ],
  },
  {
    name: 'grids that meet and do not tell',
    edits: [
      {
        file: 'raft/src/node/membership.ts',
        find: 'if (otherGrids.size > 0) this.observer',
        replace: 'if (otherGrids.size > 1) this.observer',
      },
    ],
  },
  {
    name: 'a commit head that is not waited for',
    edits: [
      {
        file: 'hamok/src/hamok.ts',
        find: 'await this.#consensus.barrier(wait);',
        replace: 'void this.#consensus.barrier(wait).catch(() => undefined);',
      },
    ],
  },
  {
    name: 'waits of the engine that have no end',
    edits: [
      {
        file: 'raft/src/node/waiting.ts',
        find: "reject(ended('timeout'))), timeoutInMs)",
        replace: "reject(ended('timeout'))), Number.POSITIVE_INFINITY)",
      },
    ],
  },
  {
    name: 'waits of members that have no end',
    edits: [
      {
        file: 'hamok/src/within.ts',
        find: 'clock.setTimer(onTimeout, timeoutInMs)',
        replace: 'clock.setTimer(onTimeout, Number.POSITIVE_INFINITY)',
      },
    ],
  },
  {
    name: 'rounds that go on when their member is closed',
    edits: [
      {
        file: 'raft/src/node/affiliation.ts',
        find: '    this.#cancelRound?.();\n    this.#search = undefined;',
        replace: '    this.#search = undefined;',
      },
    ],
  },
];
