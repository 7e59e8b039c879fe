import { HamokMessage, MessageProtocol, MessageType } from '@hamok/messages';
import { expect, test } from 'vitest';
import { AnswersOfCalls, unsaid } from '../../src/grid/invariants/answers-of-calls.js';
import type { Outcome } from '../../src/grid/reference/collection.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** What is said where a command for two keys has these outcomes, and its caller is told that. */
function saidOf(result: unknown, outcomes: readonly Outcome[], isAnsweredFirst = false): string {
  const session = { member: 'a@1', sequence: 7 };
  const sent = new HamokMessage({
    protocol: MessageProtocol.STORAGE_COMMUNICATION_PROTOCOL,
    type: MessageType.UPDATE_ENTRIES_REQUEST,
    sourceId: 'a',
    sourceIncarnation: 1,
    sessionSequence: session.sequence,
    keys: [bytes('"k"'), bytes('"l"')],
  }).toBinary();
  const answers = new AnswersOfCalls();
  const steps = [
    () => answers.carriedOut(session, outcomes),
    () => answers.answered({ name: 'a#1' }, 'call', sent, result),
  ];
  answers.asked(sent);
  try {
    for (const step of isAnsweredFirst ? steps.reverse() : steps) step();
    return 'right';
  } catch (error) {
    return String(error);
  }
}

test('an answer is compared with what the command found at each of its keys, whichever is known first', () => {
  for (const first of [false, true]) {
    expect(saidOf(new Map([['k', 1]]), ['1', null], first)).toBe('right');
    expect(saidOf(new Map([['k', 1]]), ['1', '2'], first)).toContain('was told ["1",null], which is ["1","2"]');
    expect(saidOf(new Set(['l']), [false, true], first)).toBe('right');
    expect(saidOf({ '"l"': 2 }, [null, '2'], first)).toBe('right');
    expect(saidOf(undefined, [null, null], first)).toBe('right');
    expect(saidOf(undefined, [null, '2'], first)).toContain('which is [null,"2"]');
    expect(saidOf(['v', 3], ['"v"', '3'], first)).toBe('right');
    expect(saidOf(true, ['"v"'], first)).toBe('right');
    expect(saidOf(false, ['"v"'], first)).toContain('was told [false], which is [true]');
    expect(saidOf(unsaid, ['"v"'], first)).toBe('right');
  }
});
