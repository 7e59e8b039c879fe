import { Violation } from '../../invariants/invariant.js';
import type { Outcome } from '../reference/collection.js';
import { commandIn, type Session } from '../reference/command.js';
import type { Process } from '../world/process.js';
import type { GridInvariant } from './grid-invariant.js';

/** Resolved with by calls that tell nothing of what they found. */
export const unsaid = Symbol('unsaid');

/** A call that was answered, or whose command was carried out, and not yet both. */
interface Half {
  readonly told?: { readonly what: string; readonly result: unknown; readonly keys: readonly string[] };
  readonly outcomes?: readonly Outcome[];
}

/** A call is answered with what its command found and did: what the plainest model of the collections says of the same log. */
export class AnswersOfCalls implements GridInvariant {
  readonly name = 'a call is answered with what it did';
  readonly source = 'HamokMap, HamokRecord, HamokQueue, HamokEmitter, ReplicatedStorage: what calls resolve with';
  /** By command. */
  readonly #asked = new Map<string, Half>();

  /** @param sent the command of a call, as it is encoded */
  asked(sent: Uint8Array | undefined): void {
    const session = sessionOf(sent);
    if (session !== undefined) this.#asked.set(session, {});
  }

  /** Nobody was told what came of it. */
  unanswered(sent: Uint8Array | undefined): void {
    this.#asked.delete(sessionOf(sent) ?? '');
  }

  answered({ name }: Pick<Process, 'name'>, call: string, sent: Uint8Array | undefined, result: unknown): void {
    const session = sessionOf(sent);
    const keys = (sent && commandIn(sent)?.keys) ?? [];
    if (session !== undefined) this.#add(session, { told: { what: `${name} ${call}`, result, keys } });
  }

  carriedOut(session: Session, outcomes: readonly Outcome[]): void {
    this.#add(textOf(session), { outcomes });
  }

  #add(session: string, half: Half): void {
    const before = this.#asked.get(session);
    if (before === undefined) return;
    const { told, outcomes } = { ...before, ...half };
    if (told === undefined || outcomes === undefined) return void this.#asked.set(session, half);
    this.#asked.delete(session);
    const { what, result, keys } = told;
    if (result === unsaid) return;
    const [found, should] = [outcomesIn(result, keys), typeof result === 'boolean' ? outcomes.map(isDone) : outcomes];
    const [is, expected] = [found, should].map((each) => JSON.stringify(each));
    if (is !== expected) throw new Violation(this.name, `${what} was told ${is}, which is ${expected}`);
  }
}

function sessionOf(sent: Uint8Array | undefined): string | undefined {
  const session = sent && commandIn(sent)?.session;
  return session && textOf(session);
}

function textOf({ member, sequence }: Session): string {
  return `${member} ${sequence}`;
}

/** What a call resolved with, as outcomes of the keys of its command, or of what it takes. */
function outcomesIn(result: unknown, keys: readonly string[]): readonly Outcome[] {
  if (typeof result === 'boolean') return [result];
  if (Array.isArray(result)) return result.map(encoded);
  if (result instanceof Map) return keys.map((key) => encoded(result.get(JSON.parse(key))));
  if (result instanceof Set) return keys.map((key) => result.has(JSON.parse(key)));
  if (typeof result === 'object' && result !== null) return keys.map((key) => encoded(Reflect.get(result, key)));
  return keys.length > 1 ? keys.map(() => encoded(result)) : [encoded(result)];
}

function encoded(value: unknown): Outcome {
  return value === undefined ? null : JSON.stringify(value);
}

function isDone(outcome: Outcome): boolean {
  return outcome !== null && outcome !== false;
}
