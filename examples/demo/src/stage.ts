import type { Display } from './display/display.js';
import type { Cluster } from './process/cluster.js';

/** Where the acts are played: the members, and who watches. */
export class Stage {
  readonly cluster: Cluster;
  readonly #display: Display;
  #act = '';

  constructor(cluster: Cluster, display: Display) {
    this.cluster = cluster;
    this.#display = display;
  }

  /** What is under way. */
  get act(): string {
    return this.#act;
  }

  /** @param share how much of it is done, from 0 to 1, where that is known. */
  begin(act: string, share?: () => number): void {
    this.#act = act;
    this.#display.begin(act, share);
  }

  done(result: string): void {
    this.#display.done(result);
  }
}
