import {
  type Consensus,
  type EngineStatus,
  IndeterminateError,
  type MemberId,
  NotCommittedError,
  type StateMachine,
  UnavailableError,
  type Wait,
} from '@hamok/collections';
import {
  BusyError,
  ClosedError,
  type ProposalOutcome,
  IndeterminateError as RaftIndeterminateError,
  type RaftNode,
  NotCommittedError as RaftNotCommittedError,
  type StateMachine as RaftStateMachine,
  UnavailableError as RaftUnavailableError,
  TooLargeError,
} from '@hamok/raft';
import { CommandMachine } from './command-machine.js';

/** The collections' engine: Raft. Commands have to be encoded HamokMessages of the storage protocol. */
export class RaftConsensus implements Consensus {
  readonly #createNode: (machine: RaftStateMachine) => RaftNode;
  #machine: StateMachine | undefined;
  #node: RaftNode | undefined;

  /** A node runs once, so each start makes one. */
  constructor(createNode: (machine: RaftStateMachine) => RaftNode) {
    this.#createNode = createNode;
  }

  /** The one that runs, or ran last. */
  get node(): RaftNode | undefined {
    return this.#node;
  }

  /** Empty before the first start. */
  get self(): MemberId {
    return this.#node?.member ?? '';
  }

  /** After a stop it may be called again: what the machine holds is discarded then, since this comes back as another member. */
  async start(machine: StateMachine): Promise<void> {
    if (this.#machine !== undefined) await machine.restore({ index: -1, time: 0, members: [] }, nothing());
    this.#machine = machine;
    const node = this.#createNode(new CommandMachine(machine));
    this.#node = node;
    try {
      await node.start();
    } catch (error) {
      await node.stop();
      throw error;
    }
  }

  propose(command: Uint8Array, wait?: Wait): Promise<number> {
    if (this.#node === undefined) return Promise.reject(notRunning());
    return this.#node.submit(command, wait).then(indexOf, rethrow);
  }

  barrier(wait?: Wait): Promise<number> {
    return this.#node?.barrier(wait).catch(rethrowUnavailable) ?? Promise.reject(new ClosedError());
  }

  send(to: MemberId, frame: Uint8Array): boolean {
    return this.#node?.send(to, frame) ?? false;
  }

  status(): EngineStatus {
    const { leader, term = 0, commitIndex: commit = -1, appliedIndex: applied = -1, members = [] } = this.#node ?? {};
    return { leader, term, commit, applied, members };
  }

  /** Ends this incarnation: the machine learns that it left, so that no call waits for it. */
  async stop(options?: { readonly leave?: boolean }): Promise<void> {
    const node = this.#node;
    if (!node?.running) return;
    const { member, appliedIndex: index } = node;
    try {
      await node.stop(options);
    } finally {
      this.#machine?.membersChanged({ index, joined: [], left: [member] });
    }
  }
}

const indexOf = ({ index }: ProposalOutcome): number => index;

/** To the programs there is one class of that name, whichever package found it out. */
export function rethrowUnavailable(error: unknown): never {
  if (error instanceof RaftUnavailableError) throw new UnavailableError(error.message, { cause: error });
  throw error;
}

function rethrow(error: unknown): never {
  if (error instanceof RaftNotCommittedError) throw new NotCommittedError(error.message, error.reason, error);
  if (error instanceof RaftIndeterminateError) throw new IndeterminateError(error.message, error);
  if (error instanceof BusyError || error instanceof TooLargeError)
    throw new NotCommittedError(error.message, error.code, error);
  if (error instanceof ClosedError) throw notRunning();
  throw error;
}

function notRunning(): NotCommittedError {
  return new NotCommittedError('the member does not run', 'not-running');
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
