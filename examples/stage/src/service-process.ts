import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Transcript } from './transcript.js';

const guard = new URL('./end-with-parent.js', import.meta.url).href;
const keptErrorOutput = 4096;

export interface ServiceWatcher {
  line(line: string): void;
  /** It ended by itself, which none is to do. */
  failed(error: Error): void;
}

/** A program in a process of its own: what it prints is heard, and what it is told goes to its standard input. */
export class ServiceProcess {
  readonly #child: ChildProcess;
  readonly #transcript = new Transcript();
  readonly #closed: Promise<unknown>;
  /** It was killed, or told to end. */
  #dismissed = false;
  #errorOutput = '';

  constructor(
    readonly id: string,
    program: URL,
    args: readonly string[],
    env: NodeJS.ProcessEnv,
    private readonly watcher: ServiceWatcher,
  ) {
    this.#child = spawn(process.execPath, ['--import', guard, fileURLToPath(program), ...args], {
      stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
      env: { ...process.env, ...env },
    });
    const { stdin, stdout, stderr } = this.#child;
    if (stdin === null || stdout === null || stderr === null) throw new Error('the process has no standard streams');
    createInterface({ input: stdout }).on('line', (line) => {
      this.#transcript.add(line);
      this.watcher.line(line);
    });
    stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#errorOutput = (this.#errorOutput + text).slice(-keptErrorOutput);
    });
    // What is written to a process that has just died is lost, as it would be a moment earlier.
    stdin.on('error', () => undefined);
    this.#closed = once(this.#child, 'close').then(
      ([code, signal]) => this.#gone(signal ?? `exit code ${code}`),
      (error: unknown) => this.#gone(String(error)),
    );
  }

  /** All that it has printed. */
  get lines(): readonly string[] {
    return this.#transcript.lines;
  }

  /** Whether it neither ended nor was told to. */
  get alive(): boolean {
    return !this.#dismissed;
  }

  /** Resolves once it has printed so many lines that match, with the last of these matches. Rejects when it ends without that. */
  says(pattern: RegExp, times = 1): Promise<RegExpMatchArray> {
    return this.#transcript.find(pattern, { times });
  }

  /** Gives it a line to read. */
  tell(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  /** Gives it a line to read. Resolves with the first match in what it prints from then on. */
  ask(line: string, pattern: RegExp): Promise<RegExpMatchArray> {
    const answer = this.#transcript.find(pattern, { from: this.lines.length });
    this.tell(line);
    return answer;
  }

  /** SIGKILL: it gets no chance to say good-bye. Resolves when it is gone, and all that it printed is here. */
  async kill(): Promise<void> {
    this.#dismissed = true;
    this.#child.kill('SIGKILL');
    await this.#closed;
  }

  /** SIGINT. Resolves with its exit code when it is gone. */
  async end(): Promise<number | null> {
    this.#dismissed = true;
    this.#child.kill('SIGINT');
    await this.#closed;
    return this.#child.exitCode;
  }

  /** SIGSTOP: it stands still, as in a long garbage collection or a suspended host, and does not know. */
  pause(): void {
    this.#child.kill('SIGSTOP');
  }

  resume(): void {
    this.#child.kill('SIGCONT');
  }

  /** Ends all waiting for it. */
  fail(error: Error): void {
    this.#transcript.fail(error);
  }

  #gone(how: string): void {
    const error = new Error(`${this.id} ended (${how}), and had printed:\n${this.#output()}`);
    this.fail(error);
    if (this.alive) this.watcher.failed(error);
    this.#dismissed = true;
  }

  #output(): string {
    return [...this.lines, this.#errorOutput.trimEnd()].join('\n');
  }
}
