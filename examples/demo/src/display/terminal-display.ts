import type { WriteStream } from 'node:tty';
import { styleText } from 'node:util';
import type { Cluster } from '../process/cluster.js';
import type { MemberProcess } from '../process/member-process.js';
import type { Display } from './display.js';
import { whole } from './numbers.js';

const frameIntervalInMs = 80;
const spinner = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const barWidth = 30;
const actWidth = 28;
const hideCursor = '\x1b[?25l';
const showCursor = '\x1b[?25h';
const clearBelow = '\x1b[J';

type Style = Parameters<typeof styleText>[0];

/** Acts that are over, the one under way, and a line for each member; redrawn in place. */
export class TerminalDisplay implements Display {
  readonly #stream: WriteStream;
  readonly #cluster: Cluster;
  readonly #timer: NodeJS.Timeout;
  #current: { readonly act: string; readonly share: (() => number) | undefined } | undefined;
  /** Of the part that is drawn again and again. */
  #height = 0;
  #frame = 0;

  constructor(stream: WriteStream, cluster: Cluster) {
    this.#stream = stream;
    this.#cluster = cluster;
    stream.write(hideCursor);
    this.#timer = setInterval(() => this.#draw(), frameIntervalInMs);
  }

  begin(act: string, share?: () => number): void {
    this.#current = { act, share };
    this.#draw();
  }

  done(result: string): void {
    const line = `  ${this.#styled('green', '✓')} ${(this.#current?.act ?? '').padEnd(actWidth)} ${result}`;
    this.#current = undefined;
    this.#redraw([line], []);
  }

  end(): void {
    if (this.#timer.hasRef()) this.#stream.write(this.#erasure() + showCursor);
    this.#height = 0;
    clearInterval(this.#timer);
    this.#timer.unref();
  }

  #draw(): void {
    if (this.#current === undefined) return;
    const { act, share } = this.#current;
    const sign = spinner[this.#frame++ % spinner.length] ?? '';
    const state = share === undefined ? '' : this.#bar(share());
    const members = this.#cluster.members.map((member) => this.#member(member));
    this.#redraw([], [`  ${this.#styled('cyan', sign)} ${act.padEnd(actWidth)} ${state}`, '', ...members]);
  }

  #bar(share: number): string {
    const full = Math.round(share * barWidth);
    const bar = this.#styled('cyan', '━'.repeat(full)) + this.#styled('dim', '─'.repeat(barWidth - full));
    return `${bar} ${Math.floor(share * 100)} %`;
  }

  #member(member: MemberProcess): string {
    const written = `${whole(member.written).padStart(7)} written`;
    const watched = `${whole(member.watched).padStart(7)} seen`;
    return `    ${member.id}  ${this.#role(member)} ${this.#styled('dim', `${written} ${watched}`)}`;
  }

  #role(member: MemberProcess): string {
    const [style, text]: [Style, string] = member.killed
      ? ['red', 'killed']
      : !member.joined
        ? ['yellow', 'joins']
        : member.leaderId === undefined
          ? ['dim', 'no leader']
          : member.leaderId === member.id
            ? ['green', 'leader']
            : ['reset', `follows ${member.leaderId}`];
    return this.#styled(style, text.padEnd(10));
  }

  #redraw(lasting: readonly string[], passing: readonly string[]): void {
    const text = [...lasting, ...passing].map((line) => `${line}\n`).join('');
    this.#stream.write(this.#erasure() + text);
    this.#height = passing.length;
  }

  #erasure(): string {
    return this.#height === 0 ? '' : `\x1b[${this.#height}A\r${clearBelow}`;
  }

  #styled(style: Style, text: string): string {
    return this.#stream.hasColors() ? styleText(style, text) : text;
  }
}
