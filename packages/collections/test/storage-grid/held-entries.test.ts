import { type HamokMessage, MessageType } from '@hamok/messages';
import { expect, it } from 'vitest';
import { byteString } from '../../src/bytes/byte-string.js';
import { HeldEntries } from '../../src/storage-grid/held-entries.js';
import { Placement } from '../../src/storage-grid/placement.js';
import { hashOf } from '../../src/storage-grid/rendezvous.js';
import { type Participant, participantId, View } from '../../src/storage-grid/view.js';
import { ManualClock } from '../../src/testing/index.js';

const participants = ['a', 'b', 'c', 'd'].map((name, since): Participant => {
  const id = participantId(`${name}@1`, since);
  return { id, member: `${name}@1`, since, hash: hashOf(id) };
});
const [self = expect.fail()] = participants;
const view = new View(3, participants);
const slots = Array.from({ length: 100 }, (_, n) => `k-${n}`);
const slot = slots.find((each) => view.homeOf(each) !== self) ?? expect.fail();
const home = view.homeOf(slot);
const [, other = expect.fail()] = view.keepersOf(slot, self.id, 1);

interface Told {
  readonly to: Participant;
  readonly message: HamokMessage;
  readonly acknowledge: () => void;
}

/** The entries that one of four participants holds, with one backup. What it tells the others waits for a test to acknowledge it. */
function heldEntries() {
  const clock = new ManualClock();
  const told: Told[] = [];
  const streams = {
    send(to: Participant, message: HamokMessage, settled: (delivered: boolean) => void = () => undefined): void {
      told.push({ to, message, acknowledge: () => settled(true) });
    },
  };
  const limits = { bytes: 1000, items: 100 };
  const confirmation = { isNeeded: () => false, ask: () => undefined };
  const held = new HeldEntries(new Placement(self, 1, view), streams, limits, clock, confirmation, () => undefined);
  /** What was told since the last time. */
  const next = async (): Promise<Told[]> => {
    await clock.advance(0);
    return told.splice(0);
  };
  const acknowledgeAll = async (): Promise<void> => {
    for (let some = await next(); some.length > 0; some = await next())
      for (const { acknowledge } of some) acknowledge();
  };
  const write = (value: string): void => {
    held.set(slot, value);
    held.write([slot], () => undefined);
  };
  const remove = (): Ended => {
    held.delete(slot);
    return endOf(held.spreadDeletion([slot]));
  };
  return { held, next, acknowledgeAll, write, remove };
}

interface Ended {
  is: boolean;
}

function endOf(promise: Promise<void>): Ended {
  const ended = { is: false };
  void promise.then(() => {
    ended.is = true;
  });
  return ended;
}

function deletedAt(told: readonly Told[]): Participant[] {
  for (const { message } of told) {
    expect(message.type).toBe(MessageType.DELETE_ENTRIES_NOTIFICATION);
    expect(message.keys.map(byteString)).toEqual([slot]);
  }
  return told.map(({ to }) => to);
}

it('tells the home of a deletion when nobody else has a copy', async () => {
  const { held, next, acknowledgeAll, write, remove } = heldEntries();
  write('1');
  await acknowledgeAll();
  const ended = remove();
  const first = await next();
  expect(deletedAt(first)).toEqual([other]);
  expect(held.isLeaving(slot)).toBe(true);
  for (const { acknowledge } of first) acknowledge();
  const second = await next();
  expect(deletedAt(second)).toContain(home);
  expect(ended.is).toBe(false);
  for (const { acknowledge } of second) acknowledge();
  await next();
  expect(ended.is).toBe(true);
  expect(held.isLeaving(slot)).toBe(false);
});

it('tells no home of a deletion that another has overtaken, before nobody else has a copy of what was written in between', async () => {
  const { next, acknowledgeAll, write, remove } = heldEntries();
  write('1');
  await acknowledgeAll();
  remove();
  const first = await next();
  write('2');
  await next();
  remove();
  const second = await next();
  expect(deletedAt(second)).toEqual([other]);
  for (const { acknowledge } of first) acknowledge();
  expect(deletedAt(await next())).not.toContain(home);
  for (const { acknowledge } of second) acknowledge();
  expect(deletedAt(await next())).toContain(home);
});

it('ends a deletion that another has overtaken with that one', async () => {
  const { held, next, acknowledgeAll, write, remove } = heldEntries();
  write('1');
  await acknowledgeAll();
  const first = remove();
  const toldFirst = await next();
  write('2');
  remove();
  const toldSecond = await next();
  for (const { acknowledge } of toldFirst) acknowledge();
  for (const { acknowledge } of await next()) acknowledge();
  await next();
  expect(first.is).toBe(false);
  const all = endOf(held.deletionsEnded());
  for (const { acknowledge } of toldSecond) acknowledge();
  await acknowledgeAll();
  expect(first.is).toBe(true);
  expect(all.is).toBe(true);
});

it('waits for the deletions that are under way of the entries that it is asked about, and for no others', async () => {
  const { held, next, acknowledgeAll, write, remove } = heldEntries();
  write('1');
  await acknowledgeAll();
  remove();
  const these = endOf(held.deletionsEnded([slot]));
  const others = endOf(held.deletionsEnded(slots.filter((each) => each !== slot)));
  await next();
  expect([these.is, others.is]).toEqual([false, true]);
});

it('acknowledges what was deleted before it was told only when the home has heard of the deletion', async () => {
  const { held, next, acknowledgeAll, write, remove } = heldEntries();
  write('1');
  await acknowledgeAll();
  held.set(slot, '2');
  const written = endOf(held.change([slot]));
  const deleted = remove();
  const first = await next();
  expect(first.map(({ to }) => to)).toEqual([other]);
  for (const { acknowledge } of first) acknowledge();
  const second = await next();
  expect(second.map(({ to }) => to)).toContain(home);
  expect(written.is).toBe(false);
  for (const { acknowledge } of second) acknowledge();
  await acknowledgeAll();
  expect(deleted.is).toBe(true);
  expect(written.is).toBe(true);
});
