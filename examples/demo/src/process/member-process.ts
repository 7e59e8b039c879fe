import { type ChildProcess, fork } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Command, Report, ReportOf } from './protocol.js';

const program = fileURLToPath(new URL('../member/main.js', import.meta.url));
const keptErrorOutput = 4096;

interface MemberEvents {
  report: [Report];
  /** It has ended, and all that it ever reported has arrived. */
  gone: [how: string];
}

/** A member of the grid, as its parent process sees it. */
export class MemberProcess extends EventEmitter<MemberEvents> {
  readonly #child: ChildProcess;
  address: string | undefined;
  joined = false;
  /** Whom it takes for the leader. */
  leaderId: string | undefined;
  /** Writes that it was acknowledged, and how many of them since it learned who leads. */
  written = 0;
  writtenUnderLeader = 0;
  /** Inserts that its listeners saw. */
  watched = 0;
  killed = false;
  #ended = false;
  #errorOutput = '';

  /** With addresses it comes back: it listens where the first of them says, and dials the others. */
  constructor(
    readonly id: string,
    ids: readonly string[],
    addresses: readonly string[] = [],
  ) {
    super();
    this.#child = fork(program, [id, ids.join(','), ...addresses], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errorOutput = (this.#errorOutput + text).slice(-keptErrorOutput);
    });
    this.#child.on('message', (report: Report) => this.#receive(report));
    // Emitted once the process has ended and its channels, with what was still in them, are read to the end.
    this.#child.on('close', (code, signal) => this.#gone(signal ?? `exit code ${code}`));
    this.#child.on('error', (error) => this.#gone(error.message));
  }

  get ended(): boolean {
    return this.#ended;
  }

  send(command: Command): void {
    this.#child.send(command);
  }

  /** Sends a command and resolves with the first report of that type from then on. */
  ask<T extends Report['type']>(command: Command, type: T): Promise<ReportOf<T>> {
    return new Promise((resolve) => {
      const listener = (report: Report): void => {
        if (!isOfType(report, type)) return;
        this.off('report', listener);
        resolve(report);
      };
      this.on('report', listener);
      this.send(command);
    });
  }

  /** SIGKILL: it gets no chance to say good-bye. */
  kill(): void {
    this.killed = true;
    this.#child.kill('SIGKILL');
  }

  #receive(report: Report): void {
    if (report.type === 'listening') this.address = report.address;
    else if (report.type === 'joined') this.joined = true;
    else if (report.type === 'watched') this.watched = report.inserts;
    else if (report.type === 'leader') {
      this.leaderId = report.leaderId;
      this.writtenUnderLeader = 0;
    } else if (report.type === 'acknowledged') {
      this.written += report.writes.length;
      this.writtenUnderLeader += report.writes.length;
    }
    this.emit('report', report);
  }

  #gone(how: string): void {
    if (this.#ended) return;
    this.#ended = true;
    const output = this.#errorOutput.trim();
    this.emit('gone', output === '' ? how : `${how}\n${output}`);
  }
}

function isOfType<T extends Report['type']>(report: Report, type: T): report is ReportOf<T> {
  return report.type === type;
}
