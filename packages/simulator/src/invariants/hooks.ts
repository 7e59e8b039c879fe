import type { MemberId, Message, Ready } from '@hamok/raft';
import type { Member } from '../world/member.js';
import type { Invariant, Refusal } from './invariant.js';
import type { Step } from './step.js';
import type { Subject } from './subject.js';

/** The invariants of a run, asked only where they have something to say: every step passes by here. */
export class Hooks {
  readonly #onReady: readonly Invariant[];
  readonly #onSend: readonly Invariant[];
  readonly #onReceive: readonly Invariant[];
  readonly #onStep: readonly Invariant[];
  readonly #onLeaderStep: readonly Invariant[];
  readonly #onTurn: readonly Invariant[];

  constructor(readonly all: readonly Invariant[]) {
    this.#onReady = all.filter(({ onReady }) => onReady);
    this.#onSend = all.filter(({ onSend }) => onSend);
    this.#onReceive = all.filter(({ onReceive }) => onReceive);
    this.#onStep = all.filter(({ onStep }) => onStep);
    this.#onLeaderStep = all.filter(({ onLeaderStep }) => onLeaderStep);
    this.#onTurn = all.filter(({ onTurn }) => onTurn);
  }

  ready(ready: Ready, member: Member): void {
    for (const invariant of this.#onReady) invariant.onReady?.(ready, member);
  }

  sent(message: Message, sender: Member): void {
    for (const invariant of this.#onSend) invariant.onSend?.(message, sender);
  }

  received(message: Message, receiver: Member): void {
    for (const invariant of this.#onReceive) invariant.onReceive?.(message, receiver);
  }

  misdelivered(message: Message, receiver: Member): void {
    for (const invariant of this.all) invariant.onMisdelivered?.(message, receiver);
  }

  stepped(step: Step): void {
    if (step.isNews) for (const invariant of this.#onStep) invariant.onStep?.(step);
    if (step.after.role === 'leader') for (const invariant of this.#onLeaderStep) invariant.onLeaderStep?.(step);
  }

  turned(member: Member, step: Step): void {
    for (const invariant of this.#onTurn) invariant.onTurn?.(member, step);
  }

  applied(member: Member, index: number): void {
    for (const invariant of this.all) invariant.onApply?.(member, index);
  }

  compacted(member: Member, index: number): void {
    for (const invariant of this.all) invariant.onCompact?.(member, index);
  }

  refused(refusal: Refusal, member: Member): void {
    for (const invariant of this.all) invariant.onRefuse?.(refusal, member);
  }

  handsOver(leader: Member, to: MemberId): void {
    for (const invariant of this.all) invariant.onHandOver?.(leader, to);
  }

  campaigns(member: Member): void {
    for (const invariant of this.all) invariant.onCampaign?.(member);
  }

  stepsDown(leader: Member): void {
    for (const invariant of this.all) invariant.onStepDown?.(leader);
  }

  restarted(member: Subject): void {
    for (const invariant of this.all) invariant.onRestart?.(member);
  }

  readAsked(context: number): void {
    for (const invariant of this.all) invariant.onReadAsked?.(context);
  }

  readAnswered(context: number, index: number | undefined, reader: Member): void {
    for (const invariant of this.all) invariant.onReadAnswered?.(context, index, reader);
  }
}
