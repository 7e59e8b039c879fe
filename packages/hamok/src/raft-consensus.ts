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
  type Clock,
  ClosedError,
  holdInMemory,
  type ProposalOutcome,
  IndeterminateError as RaftIndeterminateError,
  type RaftNode,
  NotCommittedError as RaftNotCommittedError,
  type StateMachine as RaftStateMachine,
  UnavailableError as RaftUnavailableError,
  type StateExport,
  type StoredSnapshot,
  systemClock,
  TooLargeError,
} from '@hamok/raft';
import { CommandMachine } from './command-machine.js';
import { encodeMemberRun, MemberRuns } from './member-runs.js';

/** After how long a process says again that it goes on as an earlier one, where the grid could not take it, in ms. */
const retryInMs = 50;

/** A node runs once; it may have a state to begin with. */
type CreateNode = (machine: RaftStateMachine, base: StoredSnapshot | undefined) => RaftNode;

/** The collections' engine: Raft. Commands have to be encoded HamokMessages of the storage protocol. */
export class RaftConsensus implements Consensus {
  readonly #createNode: CreateNode;
  readonly #clock: Clock;
  #machine: StateMachine | undefined;
  #node: RaftNode | undefined;
  #runs = new MemberRuns();
  #cancelRetry: (() => void) | undefined;
  /** What the machine held at the last stop, as it was then. */
  #held: StateExport | undefined;
  /** What the next start begins with. */
  #base: StoredSnapshot | undefined;

  /** A node runs once, so each start makes one. */
  constructor(createNode: CreateNode, clock: Clock = systemClock) {
    this.#createNode = createNode;
    this.#clock = clock;
  }

  /** The one that runs, or ran last. */
  get node(): RaftNode | undefined {
    return this.#node;
  }

  /** Empty before the first start. */
  get self(): MemberId {
    return this.#node?.run ?? '';
  }

  /** The grid whose state it holds, when it does not run. */
  get heldGridId(): string | undefined {
    return this.#held?.meta.gridId;
  }

  /** The next start begins with that, instead of what is held. */
  beginWith(base: StoredSnapshot): void {
    this.#base = base;
  }

  /** The state as of what is applied here; after a stop, or a failure, as it was then. Undefined before it was in a grid. */
  export(): StateExport | undefined {
    const { running = false, standing, failure } = this.#node ?? {};
    if (failure && standing && this.#machine) return { meta: standing, state: this.#machine.snapshot() };
    if (running) return standing && standing.position.index >= 0 ? this.#node?.export() : undefined;
    return this.#held && this.#machine && { meta: this.#held.meta, state: this.#machine.snapshot() };
  }

  /**
   * After a stop it may be called again. To collections it comes back as another member: what the machine holds is discarded then, and
   * is what the engine may begin a grid with, unless it finds one that runs, or its own on a disk.
   */
  async start(machine: StateMachine): Promise<void> {
    if (this.#held) this.#base ??= await holdInMemory(this.#held.meta, this.#held.state, this.#clock);
    this.#held = undefined;
    if (this.#machine !== undefined) await machine.restore({ index: -1, time: 0, members: [] }, nothing());
    this.#machine = machine;
    this.#runs = new MemberRuns();
    const node = this.#createNode(new CommandMachine(machine, this.#runs), this.#base);
    this.#node = node;
    node.once('failed', (failure) => machine.failed?.(failure));
    try {
      await node.start();
    } catch (error) {
      await node.stop();
      throw error;
    }
    node.once('joined', () => {
      this.#base = undefined;
    });
    this.#announce(node);
  }

  /** Tells the grid that this process goes on as a member that another was, until everyone here has learned it. */
  #announce(node: RaftNode): void {
    const { member, run } = node;
    if (!node.running || run === member || this.#runs.runOf(member) === run) return;
    const again = (): void => {
      if (!node.running) return;
      this.#cancelRetry = this.#clock.setTimer(() => this.#announce(node), retryInMs);
    };
    node.submit(encodeMemberRun({ member, run })).then(again, again);
  }

  /** What it began with is kept until it has come further. */
  #hold({ standing: meta }: RaftNode): void {
    if (!meta || !this.#machine || meta.position.index < 0) return;
    const before = this.#base?.meta;
    if (before?.gridId === meta.gridId && before.position.index > meta.position.index) return;
    this.#base = undefined;
    this.#held = { meta, state: this.#machine.snapshot() };
  }

  propose(command: Uint8Array, wait?: Wait): Promise<number> {
    if (this.#node === undefined) return Promise.reject(notRunning());
    return this.#node.submit(command, wait).then(indexOf, rethrow);
  }

  barrier(wait?: Wait): Promise<number> {
    return this.#node?.barrier(wait).catch(rethrowUnavailable) ?? Promise.reject(new ClosedError());
  }

  send(to: MemberId, frame: Uint8Array): boolean {
    return this.#node?.send(this.#runs.memberOf(to), frame) ?? false;
  }

  status(): EngineStatus {
    return new NodeStatus(this.#node, this.#runs);
  }

  /** Ends this incarnation: the machine learns that it left, so that no call waits for it. */
  async stop(options?: { readonly leave?: boolean }): Promise<void> {
    const node = this.#node;
    if (!node?.running) return;
    const { appliedIndex: index } = node;
    const { self } = this;
    try {
      await node.stop(options);
    } finally {
      this.#cancelRetry?.();
      this.#hold(node);
      this.#machine?.membersChanged({ index, joined: [], left: [self] });
    }
  }
}

/** Asked for often: its members are listed only where they are read. */
class NodeStatus implements EngineStatus {
  readonly leader: MemberId | undefined;
  readonly term: number;
  readonly commit: number;
  readonly applied: number;
  readonly #node: RaftNode | undefined;
  readonly #runs: MemberRuns;

  constructor(node: RaftNode | undefined, runs: MemberRuns) {
    const { leader, term = 0, commitIndex = -1, appliedIndex = -1 } = node ?? {};
    this.leader = leader === undefined ? undefined : runs.runOf(leader);
    this.term = term;
    this.commit = commitIndex;
    this.applied = appliedIndex;
    this.#node = node;
    this.#runs = runs;
  }

  get members(): readonly MemberId[] {
    return this.#node?.members.map((member) => this.#runs.runOf(member)) ?? [];
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
