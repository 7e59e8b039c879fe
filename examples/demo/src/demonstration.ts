import type { Display } from './display/display.js';
import { milliseconds, whole } from './display/numbers.js';
import { languages, share } from './languages.js';
import type { Figures } from './outcome.js';
import type { Cluster } from './process/cluster.js';
import type { MemberProcess } from './process/member-process.js';
import type { Latency, LatencyPlan } from './process/protocol.js';
import { problemsOf, type Survivor } from './verdict.js';

const inFlight = 1024;
const valueBytes = 200;
const warmUpInMs = 1000;
const latencyPlan: LatencyPlan = { type: 'measure-latency', warmUp: 300, samples: 2000, longestInMs: 2000 };

const keys = [...languages.keys()];

/** The story, one act after another. */
export class Demonstration {
  readonly #cluster: Cluster;
  readonly #display: Display;
  readonly #seconds: number;
  #act = '';

  constructor(cluster: Cluster, display: Display, seconds: number) {
    this.#cluster = cluster;
    this.#display = display;
    this.#seconds = seconds;
  }

  /** Rejects when a member fails, or the cluster is made to fail. */
  async run(): Promise<{ readonly figures: Figures; readonly problems: readonly string[] }> {
    await this.#formGrid();
    const victim = await this.#loadUnderLeader();
    const failover = await this.#failOver(victim);
    const entriesLeftToOthers = await this.#loadTheRest(victim);
    const latencies = await this.#measureLatency();
    const throughput = await this.#measureThroughput();
    const comparison = await this.#compare();
    const figures: Figures = {
      members: this.#cluster.members.length,
      dataset: { package: 'iso-639-3', entries: keys.length },
      killed: { id: victim.id, acknowledgedWrites: victim.written, entriesLeftToOthers },
      failover,
      survivors: comparison.survivors,
      writes: {
        loaded: this.#loaded,
        measured: latencies.writes + throughput.writes,
        retries: comparison.retries,
      },
      commitLatency: { leader: latencies.leader, follower: latencies.follower },
      throughput: throughput.figures,
    };
    return { figures, problems: comparison.problems };
  }

  /** What is under way. */
  get act(): string {
    return this.#act;
  }

  get #loaded(): number {
    return this.#cluster.ledger.count('languages');
  }

  async #formGrid(): Promise<void> {
    const { members } = this.#cluster;
    this.#begin('Form a grid');
    const addresses = await this.#cluster.until(() => addressesOf(members));
    for (const member of members) member.send({ type: 'connect', addresses });
    const leader = await this.#cluster.until(() => members.every(({ joined }) => joined) && this.#cluster.leader);
    this.#display.done(`${members.length} processes over loopback TCP, ${leader.id} leads`);
  }

  /** Every member loads its part. Ends in the midst of it, with the leader of that moment. */
  async #loadUnderLeader(): Promise<MemberProcess> {
    const { members } = this.#cluster;
    this.#begin(`Load ${whole(keys.length)} languages`, () => this.#loaded / keys.length);
    for (const [part, member] of members.entries()) {
      member.send({ type: 'load', keys: share(keys, part, members.length) });
    }
    const third = keys.length / members.length;
    const leader = await this.#cluster.until(() => this.#loaded >= third && this.#cluster.leader);
    this.#display.done(`${whole(this.#loaded)} acknowledged so far`);
    return leader;
  }

  async #failOver(victim: MemberProcess): Promise<Figures['failover']> {
    this.#begin('Kill the leader (SIGKILL)');
    const begin = performance.now();
    victim.kill();
    const elapsed = (): number => performance.now() - begin;
    const survivors = this.#cluster.living;
    const follows = ({ leaderId }: MemberProcess): boolean => leaderId !== undefined && leaderId !== victim.id;
    const [newLeaderInMs, firstWriteInMs] = await Promise.all([
      this.#cluster.until(() => survivors.some(follows)).then(elapsed),
      this.#cluster
        .until(() => survivors.some((member) => follows(member) && member.writtenUnderLeader > 0))
        .then(elapsed),
    ]);
    const leader = await this.#cluster.until(() => this.#cluster.leader);
    const times = `${milliseconds(newLeaderInMs)}, first write after ${milliseconds(firstWriteInMs)}`;
    this.#display.done(`${leader.id} leads after ${times}`);
    return { newLeaderInMs, firstWriteInMs };
  }

  /** Shares what the dead member had not been acknowledged among the others. Returns how much that was. */
  async #loadTheRest(victim: MemberProcess): Promise<number> {
    const { members, living, ledger } = this.#cluster;
    this.#begin('Load the rest', () => this.#loaded / keys.length);
    await this.#cluster.until(() => victim.ended);
    const part = share(keys, members.indexOf(victim), members.length);
    const left = part.filter((key) => !ledger.has('languages', key));
    for (const [position, member] of living.entries()) {
      member.send({ type: 'load', keys: share(left, position, living.length) });
    }
    await this.#cluster.until(() => this.#loaded === keys.length);
    this.#display.done(`${whole(this.#loaded)} in all, ${whole(left.length)} of them left over by ${victim.id}`);
    return left.length;
  }

  async #measureLatency(): Promise<{ leader: Latency; follower: Latency; writes: number }> {
    this.#begin('Commit latency, one caller');
    const { leader, follower } = await this.#cluster.until(() => this.#roles());
    const fromLeader = await this.#cluster.unlessFailed(leader.ask(latencyPlan, 'latency'));
    const fromFollower = await this.#cluster.unlessFailed(follower.ask(latencyPlan, 'latency'));
    const median = ({ latency }: { latency: Latency }): string => milliseconds(latency.p50InMs);
    this.#display.done(`p50 ${median(fromLeader)} from the leader, ${median(fromFollower)} from a follower`);
    const writes = fromLeader.writes + fromFollower.writes;
    return { leader: fromLeader.latency, follower: fromFollower.latency, writes };
  }

  async #measureThroughput(): Promise<{ figures: Figures['throughput']; writes: number }> {
    this.#begin(`Throughput, ${whole(inFlight)} in flight`);
    const durationInMs = this.#seconds * 1000;
    const plan = { type: 'measure-throughput', inFlight, valueBytes, warmUpInMs, durationInMs } as const;
    const leader = await this.#cluster.until(() => this.#cluster.leader);
    const { throughput, writes } = await this.#cluster.unlessFailed(leader.ask(plan, 'throughput'));
    const setsPerSecond = throughput.sets / (throughput.durationInMs / 1000);
    this.#display.done(`${whole(setsPerSecond)} sets/s of ${valueBytes} bytes for ${this.#seconds} s`);
    return { figures: { setsPerSecond, inFlight, valueBytes, seconds: this.#seconds }, writes };
  }

  async #compare() {
    this.#begin('Compare the survivors');
    const { living, ledger } = this.#cluster;
    const contents = await this.#cluster.unlessFailed(
      Promise.all(living.map((member) => member.ask({ type: 'describe' }, 'content'))),
    );
    const survivors: Survivor[] = contents.map(({ maps }, position) => ({ id: living[position]?.id ?? '', maps }));
    const problems = problemsOf(survivors, ledger);
    this.#display.done(problems.length === 0 ? 'same content, nothing lost' : 'not the same');
    const leader = this.#cluster.leader;
    return {
      problems,
      retries: contents.reduce((sum, { retries }) => sum + retries, 0),
      survivors: contents.map(({ maps, inserts }, position) => ({
        id: living[position]?.id ?? '',
        role: living[position] === leader ? ('leader' as const) : ('follower' as const),
        maps: maps.map(({ id, size, hash }) => ({ id, size, hash })),
        insertsWatched: inserts,
      })),
    };
  }

  #begin(act: string, share?: () => number): void {
    this.#act = act;
    this.#display.begin(act, share);
  }

  #roles(): { leader: MemberProcess; follower: MemberProcess } | undefined {
    const { leader, living } = this.#cluster;
    const follower = living.find((member) => member !== leader);
    return leader !== undefined && follower !== undefined ? { leader, follower } : undefined;
  }
}

function addressesOf(members: readonly MemberProcess[]): readonly string[] | undefined {
  const addresses = members.flatMap(({ address }) => address ?? []);
  return addresses.length === members.length ? addresses : undefined;
}
