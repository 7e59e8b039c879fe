import { expect, it } from 'vitest';
import { CallOrder } from '../../src/storage-grid/call-order.js';
import { settle } from '../../src/testing/index.js';

it('gives others their turn behind a call whose caller waits no more, though it is not carried out', async () => {
  const order = new CallOrder();
  let carryOut = (): void => undefined;
  const work = new Promise<void>((resolve) => {
    carryOut = resolve;
  });
  void order.run(['k'], { whenOver: (end) => end() }, () => work);
  await order.run(['k'], undefined, async () => undefined);
  await settle();
  expect(order.isFree(['k'])).toBe(true);
  carryOut();
  await settle();
  expect(order.isFree(['k'])).toBe(true);
});

it('keeps a call behind those that run, also where one between them has given up waiting', async () => {
  const order = new CallOrder();
  const done: string[] = [];
  let carryOut = (): void => undefined;
  const first = order.run(['k'], undefined, () => new Promise<void>((resolve) => (carryOut = resolve)));
  const givenUp = { whenOver: (end: () => void) => end() };
  const between = order.run(['k'], givenUp, async () => void done.push('given up'));
  const last = order.run(['k'], undefined, async () => void done.push('last'));
  await settle();
  expect(done).toEqual([]);
  carryOut();
  await Promise.all([first, between, last]);
  expect(done).toEqual(['given up', 'last']);
});

it('lets others than claims go on behind claims that have given up waiting, though one is not carried out', async () => {
  const order = new CallOrder();
  const givenUp = { whenOver: (end: () => void) => end() };
  for (let claims = 0; claims < 2; claims++)
    void order.run(['k'], givenUp, () => new Promise(() => undefined), 'claim');
  const done: string[] = [];
  void order.run(['k'], undefined, async () => void done.push('read'), 'read');
  void order.runAfterChanges(undefined, undefined, async () => void done.push('read of all'));
  await settle();
  expect(done).toEqual(['read', 'read of all']);
});
