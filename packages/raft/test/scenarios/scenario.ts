import type { ConfigurationChange, Message, RaftCore, RaftCoreOptions } from '@hamok/raft';
import { entry, Grid, type Node } from '../core/grid.js';
import { describeConfiguration, describeLog, describeMessage, describeProgress, describeRole } from './describe.js';
import { Snapshots } from './snapshots.js';

type Settings = ReadonlyMap<string, string>;

interface Shown {
  role: string;
  log: string;
  configuration: string;
}

/** Runs the commands of a scenario. Each returns what happened, a line an event. */
export class Scenario {
  readonly #grid = new Grid();
  readonly #snapshots = new Snapshots();
  readonly #cuts = new Set<string>();
  readonly #shown = new Map<string, Shown>();
  readonly #randoms = new Map<string, number>();
  #options: Partial<RaftCoreOptions> = {};
  #lines: string[] = [];

  constructor() {
    this.#grid.carries = ({ from, to }) => !this.#cuts.has(`${from}->${to}`);
  }

  run(line: string): string[] {
    this.#lines = [];
    const [name = '', ...rest] = line.split(/\s+/);
    const command = this.#commands[name];
    if (!command) throw new SyntaxError(`unknown command: ${line}`);
    const settings = new Map(rest.filter((word) => word.includes('=')).map((word) => splitOnce(word, '=')));
    command(
      rest.filter((word) => !word.includes('=')),
      settings,
    );
    return this.#lines.length > 0 ? this.#lines : ['ok'];
  }

  readonly #commands: Record<string, (words: string[], settings: Settings) => void> = {
    cluster: (_, settings) => this.#cluster(settings),
    log: ([id = ''], settings) => this.#log(id, settings),
    join: ([id = '']) => this.#add(id, { configuration: { voters: [], learners: [] } }),
    random: (_, settings) => {
      for (const [id, value] of settings) this.#randoms.set(id, Number(value));
    },
    campaign: ([id = '']) => this.#act(id, (core, now) => core.campaign(now)),
    elect: ([id = '']) => {
      this.#act(id, (core, now) => core.campaign(now));
      this.#stabilize();
      this.#lines = [];
      this.#status([id]);
    },
    propose: ([id = '', ...commands]) => {
      for (const command of commands)
        this.#act(id, (core, now) => this.#refused(core.propose(new TextEncoder().encode(command), now)));
    },
    'propose-at-once': ([id = '', ...commands]) =>
      this.#act(id, (core, now) => {
        for (const command of commands) this.#refused(core.propose(new TextEncoder().encode(command), now));
      }),
    change: ([id = '', type = '', member = '']) =>
      this.#act(id, (core, now) => this.#refused(core.changeConfiguration(changeOf(type, member), now))),
    transfer: ([id = '', to = '']) =>
      this.#act(id, (core, now) => {
        if (!core.transferLeadership(to, now)) this.#print('refused');
      }),
    'step-down': ([id = '']) => this.#act(id, (core, now) => core.stepDown(now)),
    read: ([id = '', context = '']) => this.#act(id, (core, now) => core.read(Number(context), now)),
    tick: ([ms = '', ...ids]) => this.#tick(Number(ms), ids),
    deliver: ([to]) => this.#deliver((message) => to === undefined || message.to === to),
    stabilize: () => this.#stabilize(),
    live: ([ms = '']) => this.#quietly(() => this.#live(Number(ms))),
    lose: ([to]) => this.#lose((message) => to === undefined || message.to === to),
    duplicate: () => void this.#grid.pending.push(...this.#grid.pending),
    reverse: () => void this.#grid.pending.reverse(),
    cut: (links) => this.#cut(links),
    isolate: (ids) => this.#isolate(ids),
    heal: () => this.#cuts.clear(),
    'hold-disk': ([id = '']) => {
      this.#grid.node(id).diskHeld = true;
    },
    'release-disk': ([id = '']) => {
      this.#grid.node(id).releaseDisk();
      this.#show(this.#grid.node(id));
    },
    compact: ([id = '', index = '']) => {
      this.#snapshots.compact(this.#grid.node(id), Number(index));
      this.#act(id, () => {});
    },
    chunk: ([length = '']) => {
      this.#snapshots.chunkLength = Number(length);
    },
    'hold-restore': ([id = '']) => void this.#snapshots.held.add(id),
    'release-restore': ([id = '']) => {
      this.#snapshots.held.delete(id);
      this.#act(id, () => {});
    },
    'resend-snapshot': ([id = '', to = '', offset = '']) =>
      this.#act(id, (core, now) => this.#snapshots.send(core, to, Number(offset), now)),
    status: (ids) => this.#status(ids),
    progress: ([id = '']) => {
      for (const line of describeProgress(this.#grid.core(id))) this.#print(line);
    },
    pending: () => {
      for (const message of this.#grid.pending)
        this.#print(`${message.from} -> ${message.to} ${describeMessage(message)}`);
    },
  };

  #cluster(settings: Settings): void {
    const list = (name: string): string[] => settings.get(name)?.split(',') ?? [];
    const limits: Record<string, number> = {};
    for (const [name, limit] of Object.entries(limitNames)) {
      const value = settings.get(name);
      if (value !== undefined) limits[limit] = Number(value);
    }
    this.#options = { limits };
    const configuration = { voters: list('voters'), learners: list('learners') };
    for (const self of [...configuration.voters, ...configuration.learners]) this.#add(self, { configuration });
  }

  /** Gives a member a history: a log with these terms, and what it remembers of terms and votes. */
  #log(id: string, settings: Settings): void {
    const { configuration } = this.#grid.core(id);
    const terms = settings.get('terms')?.split(',').map(Number) ?? [];
    const term = Number(settings.get('term') ?? terms[terms.length - 1] ?? 0);
    const entries = terms.map((entryTerm, index) => entry(index, entryTerm, ''));
    this.#add(id, { configuration, entries, hardState: { term, vote: settings.get('vote') } });
  }

  #add(self: string, options: Partial<RaftCoreOptions> & Pick<RaftCoreOptions, 'configuration'>): void {
    this.#randoms.set(self, this.#randoms.get(self) ?? 0.5);
    const random = (): number => this.#randoms.get(self) ?? 0.5;
    this.#remember(this.#grid.add({ ...this.#options, ...options, self, random }));
  }

  #act(id: string, action: (core: RaftCore, now: number) => void): void {
    const node = this.#grid.node(id);
    action(node.core, this.#grid.now);
    for (;;) {
      node.run();
      const sent = this.#grid.pending.length;
      this.#snapshots.serve(node, this.#grid.now, (line) => this.#print(`  ${line}`));
      node.run();
      if (sent === this.#grid.pending.length) break;
    }
    this.#show(node);
  }

  #refused(outcome: number | string): void {
    if (typeof outcome === 'string') this.#print(`refused: ${outcome}`);
  }

  #tick(ms: number, ids: readonly string[]): void {
    this.#grid.now += ms;
    for (const id of ids.length > 0 ? ids : this.#grid.nodes.keys()) this.#act(id, (core, now) => core.tick(now));
  }

  #deliver(isMeant: (message: Message) => boolean): void {
    const messages = this.#grid.take();
    this.#grid.pending.push(...messages.filter((message) => !isMeant(message)));
    for (const message of messages.filter(isMeant)) {
      const { from, to } = message;
      const arrives = this.#grid.carries(message) && this.#grid.nodes.has(to);
      this.#print(`${from} ${arrives ? '->' : '-x'} ${to} ${describeMessage(message)}`);
      if (arrives) this.#act(to, (core, now) => core.step(message, now));
    }
  }

  #stabilize(): void {
    for (let rounds = 0; this.#grid.pending.length > 0; rounds++) {
      if (rounds > 200) throw new Error('the grid does not come to rest');
      this.#deliver(() => true);
    }
  }

  /** Time passes for all, and messages flow. */
  #live(ms: number): void {
    for (let passed = 0; passed < ms; passed += heartbeatInMs) {
      this.#tick(Math.min(heartbeatInMs, ms - passed), []);
      this.#stabilize();
    }
  }

  /** Leaves out the messages: what they cause is enough. */
  #quietly(run: () => void): void {
    run();
    this.#lines = this.#lines.filter((line) => line.startsWith('  '));
  }

  #lose(isMeant: (message: Message) => boolean): void {
    const messages = this.#grid.take();
    this.#grid.pending.push(...messages.filter((message) => !isMeant(message)));
    for (const message of messages.filter(isMeant))
      this.#print(`${message.from} -x ${message.to} ${describeMessage(message)}`);
  }

  #cut(links: readonly string[]): void {
    for (const link of links) {
      if (!/^[\w@]+->[\w@]+$/.test(link)) throw new SyntaxError(`not a link: ${link}`);
      this.#cuts.add(link);
    }
  }

  #isolate(ids: readonly string[]): void {
    for (const id of ids) {
      for (const other of this.#grid.nodes.keys()) {
        if (ids.includes(other)) continue;
        this.#cuts.add(`${id}->${other}`).add(`${other}->${id}`);
      }
    }
  }

  /** Prints what changed at a node since it was last looked at. */
  #show(node: Node): void {
    const was = this.#shown.get(node.id);
    const is = this.#remember(node);
    if (was && was.role !== is.role) this.#print(`  ${node.id}: ${is.role}`);
    if (was && was.configuration !== is.configuration) this.#print(`  ${node.id}: members ${is.configuration}`);
    if (was && was.log !== is.log) this.#print(`  ${node.id}: log ${is.log}`);
    for (const { context, index } of node.reads.splice(0))
      this.#print(`  ${node.id}: read #${context} ${index ?? 'refused'}`);
  }

  #remember(node: Node): Shown {
    const { core } = node;
    const configuration = describeConfiguration(core.configuration);
    const shown = { role: describeRole(core), log: describeLog(core), configuration };
    this.#shown.set(node.id, shown);
    return shown;
  }

  #status(ids: readonly string[]): void {
    for (const id of ids.length > 0 ? ids : this.#grid.nodes.keys()) {
      const { core } = this.#grid.node(id);
      this.#print(`${id}: ${describeRole(core)} ${describeConfiguration(core.configuration)} log ${describeLog(core)}`);
    }
  }

  #print(line: string): void {
    this.#lines.push(line);
  }
}

const heartbeatInMs = 100;

/** The limits that a scenario can set, by their short names. */
const limitNames = {
  entries: 'maxEntriesPerMessage',
  bytes: 'maxBytesPerMessage',
  inflight: 'maxInflightMessages',
  'inflight-bytes': 'maxInflightBytes',
  uncommitted: 'maxUncommittedBytes',
  reads: 'maxPendingReads',
  'promotion-lag': 'maxPromotionLag',
};

function changeOf(type: string, member: string): ConfigurationChange {
  if (type !== 'add-learner' && type !== 'promote' && type !== 'remove') throw new SyntaxError(`not a change: ${type}`);
  return { type, member };
}

function splitOnce(word: string, separator: string): [string, string] {
  const at = word.indexOf(separator);
  return [word.slice(0, at), word.slice(at + 1)];
}
