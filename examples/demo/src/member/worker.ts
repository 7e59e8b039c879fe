import type { Hamok, HamokMap } from 'hamok';
import type { Language } from 'iso-639-3';
import { contentOf, digestOf } from '../content.js';
import { languages } from '../languages.js';
import type { Command, LatencyPlan, ThroughputPlan } from '../process/protocol.js';
import { forEachConcurrently } from './loader.js';
import { measureLatency, measureThroughput } from './measure.js';
import type { Outbox } from './outbox.js';
import { Persistence } from './persistence.js';
import { Writer } from './writer.js';

const loadsInFlight = 16;
/** As JSON: two of them are the quotation marks. */
const valueBytes = 200;

/** Carries out what the main process asks, over this member's maps. */
export class Worker {
  readonly #hamok: Hamok;
  readonly #outbox: Outbox;
  readonly #languages: HamokMap<string, Language>;
  readonly #measurements: HamokMap<string, string>;
  readonly #journal: HamokMap<string, string>;
  readonly #persistence = new Persistence();
  #writer: Writer | undefined;
  #inserts = 0;

  constructor(hamok: Hamok, outbox: Outbox) {
    this.#hamok = hamok;
    this.#outbox = outbox;
    this.#languages = hamok.createMap<string, Language>({ mapId: 'languages' });
    this.#measurements = hamok.createMap<string, string>({ mapId: 'measurements' });
    this.#journal = hamok.createMap<string, string>({ mapId: 'journal' });
    this.#languages.on('insert', () => this.#inserts++);
  }

  /** Tells every so often what the listeners saw. */
  watch(intervalInMs: number): void {
    let told = 0;
    setInterval(() => {
      if (this.#inserts === told) return;
      told = this.#inserts;
      this.#outbox.send({ type: 'watched', inserts: told });
    }, intervalInMs);
  }

  async carryOut(command: Exclude<Command, { type: 'connect' }>): Promise<void> {
    if (command.type === 'load') await this.#load(command.keys);
    else if (command.type === 'measure-latency') await this.#measureLatency(command);
    else if (command.type === 'measure-throughput') await this.#measureThroughput(command);
    else if (command.type === 'write') await this.#write(command.prefix);
    else if (command.type === 'stop-writing') this.#writer?.stop();
    else await this.#describe();
  }

  async #load(keys: readonly string[]): Promise<void> {
    await forEachConcurrently(keys, loadsInFlight, async (key) => {
      const language = languages.get(key);
      if (language === undefined) throw new Error(`no language has the code "${key}"`);
      // An insert that was made although its answer got lost finds its own value there.
      const existing = await this.#persistence.call(() => this.#languages.insert(key, language));
      this.#acknowledge(this.#languages, key, existing ?? language);
    });
  }

  async #measureLatency(plan: LatencyPlan): Promise<void> {
    const key = `one caller of ${this.#hamok.localPeerId}`;
    const text = (n: number): string => textOf(n, valueBytes);
    const persistence = this.#persistence;
    const set = async (n: number): Promise<void> => {
      await persistence.call(() => this.#measurements.set(key, text(n)));
    };
    const { latency, writes } = await measureLatency(set, plan);
    this.#acknowledge(this.#measurements, key, text(writes - 1));
    this.#outbox.send({ type: 'latency', latency, writes });
  }

  async #measureThroughput(plan: ThroughputPlan): Promise<void> {
    const keys = Array.from({ length: plan.inFlight }, (_, caller) => `caller ${caller}`);
    const lastValues = new Map<string, string>();
    const persistence = this.#persistence;
    const set = async (caller: number, n: number): Promise<void> => {
      const key = keys[caller] ?? '';
      const value = textOf(n, plan.valueBytes);
      await persistence.call(() => this.#measurements.set(key, value));
      lastValues.set(key, value);
    };
    const { throughput, writes } = await measureThroughput(set, plan);
    for (const [key, value] of lastValues) this.#acknowledge(this.#measurements, key, value);
    this.#outbox.send({ type: 'throughput', throughput, writes });
  }

  /** Each write has a key of its own, so that a lost one is not covered up by the next. */
  async #write(prefix: string): Promise<void> {
    const persistence = new Persistence();
    this.#writer = new Writer();
    const written = await this.#writer.run(async (n) => {
      const key = `${prefix}: ${n}`;
      const value = textOf(n, valueBytes);
      await persistence.call(() => this.#journal.set(key, value));
      this.#acknowledge(this.#journal, key, value);
    });
    this.#outbox.send({ type: 'wrote', retries: persistence.retries, ...written });
  }

  async #describe(): Promise<void> {
    await this.#hamok.waitUntilCommitHead();
    const maps = [this.#languages, this.#measurements, this.#journal].map((map) => contentOf(map.id, map.entries()));
    this.#outbox.send({ type: 'content', maps, inserts: this.#inserts, retries: this.#persistence.retries });
  }

  #acknowledge(map: { readonly id: string }, key: string, value: unknown): void {
    this.#outbox.acknowledged({ map: map.id, key, digest: digestOf(value) });
  }
}

/** A string that takes that many bytes as JSON. */
function textOf(n: number, bytes: number): string {
  return String(n).padStart(bytes - 2, '.');
}
