import { expect, it } from 'vitest';
import { CallOrder } from '../../src/storage-grid/call-order.js';
import { settle } from '../../src/testing/index.js';

it('counts a call as under way until it is carried out, though its caller waits no more and others have their turn', async () => {
  const order = new CallOrder();
  let carryOut = (): void => undefined;
  const work = new Promise<void>((resolve) => {
    carryOut = resolve;
  });
  void order.run(['k'], { whenOver: (end) => end() }, () => work);
  await order.run(['k'], undefined, async () => undefined);
  await settle();
  expect(order.isFree(['k'])).toBe(true);
  expect(order.underWay).toBe(1);
  carryOut();
  await settle();
  expect(order.underWay).toBe(0);
});
