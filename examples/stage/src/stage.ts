import { ServiceProcess } from './service-process.js';
import { Transcript } from './transcript.js';

export interface StartOptions {
  /** Variables for its environment, besides those of this process. */
  readonly env?: NodeJS.ProcessEnv;
}

const recentLines = 20;

/** Where the processes of a story run, and from where they are watched. */
export class Stage {
  readonly #processes: ServiceProcess[] = [];
  readonly #members: ServiceProcess[] = [];
  readonly #transcript = new Transcript();
  readonly #print: (line: string) => void;
  readonly #begin = performance.now();
  /** The last lines, each with when it was heard. */
  #recent: string[] = [];
  #failure: Error | undefined;

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  /** Tells who watches what happens next. */
  scene(title: string): void {
    this.#print(`\n${title}`);
  }

  /**
   * Starts one member after another, each with the options of its id. Resolves once all of them have said that they are ready.
   *
   * A program is given its id, the port 0, and the addresses of all members that live: it takes any free port, and says
   * `listens on <port>`, so that no two ever choose the same one.
   */
  async startAll<const Ids extends readonly string[]>(
    program: URL,
    ids: Ids,
    options: Readonly<Record<string, StartOptions>> = {},
  ): Promise<{ [Position in keyof Ids]: ServiceProcess }> {
    const started: ServiceProcess[] = [];
    for (const id of ids) started.push(await this.#start(program, id, options[id]));
    await Promise.all(started.map((service) => service.says(/^ready/)));
    return started as { [Position in keyof Ids]: ServiceProcess };
  }

  /** Starts a member. Resolves once it has said that it is ready. */
  async start(program: URL, id: string, options: StartOptions = {}): Promise<ServiceProcess> {
    const service = await this.#start(program, id, options);
    await service.says(/^ready/);
    return service;
  }

  /** Starts any other program, with its id and these arguments. */
  run(program: URL, id: string, args: readonly string[], { env = {} }: StartOptions = {}): ServiceProcess {
    if (this.#failure !== undefined) throw this.#failure;
    const process = new ServiceProcess(id, program, [id, ...args], env, {
      line: (line) => {
        this.#transcript.add(`${id} ${line}`);
        const seconds = ((performance.now() - this.#begin) / 1000).toFixed(1);
        this.#recent = [...this.#recent, `${seconds} s: ${id} ${line}`].slice(-recentLines);
        this.#print(`  ${id}  ${line}`);
      },
      failed: (error) => this.fail(error),
    });
    this.#processes.push(process);
    return process;
  }

  /** All that the processes have printed, those too that are gone: `<id> <line>`. */
  get lines(): readonly string[] {
    return this.#transcript.lines;
  }

  /** The last lines of them, each with when it was heard: for messages about what went wrong. */
  get recent(): string {
    return this.#recent.join('\n');
  }

  /** Resolves once any of the processes has printed a line, or so many lines, that match `<id> <line>`. */
  says(pattern: RegExp, times = 1): Promise<RegExpMatchArray> {
    return this.#transcript.find(pattern, { times });
  }

  /** Ends all waiting: the story cannot go on. */
  fail(error: Error): void {
    this.#failure ??= error;
    this.#transcript.fail(error);
    for (const process of this.#processes) process.fail(error);
  }

  /** Kills whoever is left. */
  async clear(): Promise<void> {
    await Promise.all(this.#processes.map((process) => process.kill()));
  }

  async #start(program: URL, id: string, options?: StartOptions): Promise<ServiceProcess> {
    const living = this.#members.filter(({ alive }) => alive);
    const addresses = await Promise.all(living.map(addressOf));
    const service = this.run(program, id, ['0', ...addresses], options);
    this.#members.push(service);
    await addressOf(service);
    return service;
  }
}

async function addressOf(service: ServiceProcess): Promise<string> {
  const [, port] = await service.says(/^listens on (\d+)$/);
  return `127.0.0.1:${port}`;
}
