import { HamokMessage } from '@hamok/messages';
import type { CallOptions } from 'hamok';
import type { SeededRandom } from '../../random.js';
import type { CommitHead } from '../invariants/commit-head.js';
import type { Process } from '../world/process.js';
import { follow } from './calls.js';
import type { Client } from './client.js';
import { patience } from './patience.js';
import type { Values } from './values.js';

const mix = ['commit head', 'commit head', 'commit head', 'leader', 'peers', 'submit'] as const;

/** Asks members themselves: how far their grid is, who leads it, and who is there; and puts entries of its own into the log. */
export class MemberClient implements Client {
  readonly weight = 1;

  constructor(
    private readonly values: Values,
    private readonly commitHead: CommitHead,
  ) {}

  call(process: Process, random: SeededRandom): Promise<unknown> {
    const { hamok } = process;
    const timeoutInMs = random.between(1, 800);
    switch (random.pick(mix)) {
      case 'leader':
        return follow(process, 'waitUntilLeader', hamok.waitUntilLeader(timeoutInMs), { timeoutInMs });
      case 'peers':
        return follow(process, 'fetchRemotePeers', hamok.fetchRemotePeers(timeoutInMs), { timeoutInMs });
      case 'submit': {
        const options = patience(process, random);
        const entry = new HamokMessage({ type: 1, storageId: this.values.next() });
        return follow(process, `submit(${entry.storageId})`, hamok.submit(entry, options), options);
      }
      default:
        return this.#reach(process, patience(process, random));
    }
  }

  async #reach(process: Process, options: CallOptions): Promise<void> {
    const asked = this.commitHead.asked(process);
    const call = process.hamok.waitUntilCommitHead(options);
    const ending = await follow(process, 'waitUntilCommitHead', call, options);
    if (ending.type === 'acknowledged') process.world.check(() => this.commitHead.reached(process, asked));
  }
}
