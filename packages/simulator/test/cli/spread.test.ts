import { expect, it } from 'vitest';
import { spread } from '../../src/cli/spread.js';

/** Says twice what it is told, and never ends what is odd. */
const worker = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort } from 'node:worker_threads';
    parentPort.on('message', (job) => {
      while (job % 2 === 1);
      parentPort.postMessage(2 * job);
    });
  `)}`,
);

it('hands over results in the order of the jobs, and gives up what does not end', async () => {
  const told: string[] = [];
  const ongoing = new Map<number, number>();
  const take = (result: number, job: number): boolean => told.push(`${job}: ${result}`) > 0;
  const patience = {
    limitInMs: (job: number) => (job % 2 === 1 ? 50 : Number.POSITIVE_INFINITY),
    givenUp: (job: number) => told.push(`${job}: given up`) > 0,
  };
  await spread(worker, [2, 1, 4, 6, 3, 8], take, ongoing, patience);
  expect(told).toEqual(['2: 4', '1: given up', '4: 8', '6: 12', '3: given up', '8: 16']);
  expect(ongoing.size).toBe(0);
});

it('begins nothing more where what does not end is the end of it', async () => {
  const told: number[] = [];
  const patience = { limitInMs: () => 50, givenUp: (job: number) => told.push(job) > 1 };
  await spread(worker, [1, 3, 5, 7, 9, 11, 13, 15, 17], () => expect.unreachable('none ends'), undefined, patience);
  expect(told).toEqual([1]);
});
