import type { MemberId, Message, Ready } from '@hamok/raft';
import type { Member } from '../world/member.js';
import type { Invariant, MessageHook, Refusal } from './invariant.js';
import type { Step } from './step.js';
import type { Subject } from './subject.js';

type HooksByType = Readonly<Record<Message['type'], readonly MessageHook[]>>;

/** The invariants of a run, asked only where they have something to say: every step passes by here. */
export class Hooks {
  readonly #onReady: readonly NonNullable<Invariant['onReady']>[];
  readonly #onSend: HooksByType;
  readonly #onReceive: HooksByType;
  readonly #onStep: readonly NonNullable<Invariant['onStep']>[];
  readonly #onLeaderStep: readonly NonNullable<Invariant['onLeaderStep']>[];
  readonly #onTurn: readonly NonNullable<Invariant['onTurn']>[];
  readonly #onApply: readonly NonNullable<Invariant['onApply']>[];
  readonly #onReadAsked: readonly NonNullable<Invariant['onReadAsked']>[];
  readonly #onReadAnswered: readonly NonNullable<Invariant['onReadAnswered']>[];

  constructor(readonly all: readonly Invariant[]) {
    this.#onReady = all.flatMap(({ onReady }) => onReady ?? []);
    this.#onSend = byType(all.flatMap(({ onSend }) => onSend ?? []));
    this.#onReceive = byType(all.flatMap(({ onReceive }) => onReceive ?? []));
    this.#onStep = all.flatMap(({ onStep }) => onStep ?? []);
    this.#onLeaderStep = all.flatMap(({ onLeaderStep }) => onLeaderStep ?? []);
    this.#onTurn = all.flatMap(({ onTurn }) => onTurn ?? []);
    this.#onApply = all.flatMap(({ onApply }) => onApply ?? []);
    this.#onReadAsked = all.flatMap(({ onReadAsked }) => onReadAsked ?? []);
    this.#onReadAnswered = all.flatMap(({ onReadAnswered }) => onReadAnswered ?? []);
  }

  ready(ready: Ready, member: Member): void {
    for (const onReady of this.#onReady) onReady(ready, member);
  }

  sent(message: Message, sender: Member): void {
    for (const onSend of this.#onSend[message.type]) onSend(message, sender);
  }

  received(message: Message, receiver: Member): void {
    for (const onReceive of this.#onReceive[message.type]) onReceive(message, receiver);
  }

  misdelivered(message: Message, receiver: Member): void {
    for (const invariant of this.all) invariant.onMisdelivered?.(message, receiver);
  }

  stepped(step: Step): void {
    if (step.isNews) for (const onStep of this.#onStep) onStep(step);
    if (step.after.role === 'leader') for (const onLeaderStep of this.#onLeaderStep) onLeaderStep(step);
  }

  turned(member: Member, step: Step): void {
    for (const onTurn of this.#onTurn) onTurn(member, step);
  }

  applied(member: Member, index: number): void {
    for (const onApply of this.#onApply) onApply(member, index);
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
    for (const onReadAsked of this.#onReadAsked) onReadAsked(context);
  }

  readAnswered(context: number, index: number | undefined, reader: Member): void {
    for (const onReadAnswered of this.#onReadAnswered) onReadAnswered(context, index, reader);
  }
}

function byType(hooks: readonly MessageHook[]): HooksByType {
  const of = (type: Message['type']): MessageHook[] => hooks.filter(({ types }) => types?.includes(type) ?? true);
  return {
    'pre-vote-request': of('pre-vote-request'),
    'pre-vote-response': of('pre-vote-response'),
    'vote-request': of('vote-request'),
    'vote-response': of('vote-response'),
    'append-request': of('append-request'),
    'append-response': of('append-response'),
    'snapshot-request': of('snapshot-request'),
    'snapshot-response': of('snapshot-response'),
    'read-index-request': of('read-index-request'),
    'read-index-response': of('read-index-response'),
    'timeout-now': of('timeout-now'),
  };
}
