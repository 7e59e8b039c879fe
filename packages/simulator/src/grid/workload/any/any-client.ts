import type { SeededRandom } from '../../../random.js';
import type { AnswersOfCalls } from '../../invariants/answers-of-calls.js';
import type { CommandsOfCalls } from '../../invariants/commands-of-calls.js';
import type { Process } from '../../world/process.js';
import { follow } from '../calls.js';
import type { Client } from '../client.js';
import { patience } from '../patience.js';
import type { Values } from '../values.js';
import { EmitterCalls } from './emitter-calls.js';
import type { Caller, Made } from './made.js';
import { callMap } from './map-calls.js';
import { callQueue } from './queue-calls.js';
import { callRecord } from './record-calls.js';
import { callStorage } from './storage-calls.js';

/** Calls whatever collections offer, in no sensible order. What becomes of it is compared with a plain model. */
export class AnyClient implements Client {
  readonly weight = 3;
  readonly #emitter = new EmitterCalls();
  readonly #collections: readonly (readonly [name: string, make: (caller: Caller) => Made])[] = [
    ['map', callMap],
    ['map', callMap],
    ['record', callRecord],
    ['queue', callQueue],
    ['queue', callQueue],
    ['emitter', (caller) => this.#emitter.call(caller)],
    ['storage', callStorage],
  ];

  constructor(
    private readonly values: Values,
    private readonly commands: CommandsOfCalls,
    private readonly answers: AnswersOfCalls,
  ) {}

  async call(process: Process, random: SeededRandom): Promise<unknown> {
    const [name, make] = random.pick(this.#collections) ?? [];
    const caller = { process, random, options: patience(process, random), values: this.values };
    const [made, sent] = this.commands.during(process, () => make?.(caller));
    if (!made) return undefined;
    const [what, call, facts = caller.options, asked] = made;
    const title = `any ${name} ${what}`;
    process.world.check(() => this.commands.check(process, title, asked, sent));
    this.answers.asked(sent);
    const ending = await follow(process, title, call, facts);
    if (ending.type !== 'acknowledged') return this.answers.unanswered(sent);
    return process.world.check(() => this.answers.answered(process, title, sent, ending.result));
  }
}
