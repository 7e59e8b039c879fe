import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';

/**
 * Does jobs in workers, one for each processor, and hands over the results in the order of the jobs, until there are none left or `take`
 * returns false. Rejects with what a worker threw.
 */
export async function spread<Job, Result>(
  workerUrl: URL,
  jobs: Iterable<Job>,
  take: (result: Result, job: Job) => boolean | Promise<boolean>,
): Promise<void> {
  const source = jobs[Symbol.iterator]();
  const waiting = new Map<number, { readonly job: Job; readonly result: Result }>();
  const workers: Worker[] = [];
  let given = 0;
  let taken = 0;
  let goesOn = true;
  /** One at a time: a result may take long to be looked at. */
  let taking = Promise.resolve();
  const takeInOrder = async (): Promise<void> => {
    for (let next = waiting.get(taken); next && goesOn; next = waiting.get(taken)) {
      waiting.delete(taken++);
      if (!(await take(next.result, next.job))) goesOn = false;
    }
  };
  const work = (worker: Worker): Promise<void> =>
    new Promise((resolve, reject) => {
      let current: { readonly number: number; readonly job: Job } | undefined;
      const giveNext = (): void => {
        const next = goesOn ? source.next() : undefined;
        if (!next || next.done) return resolve();
        current = { number: given++, job: next.value };
        worker.postMessage(next.value);
      };
      worker.on('error', reject);
      worker.on('message', (result: Result) => {
        if (current) waiting.set(current.number, { job: current.job, result });
        taking = taking.then(takeInOrder);
        taking.then(giveNext, reject);
      });
      giveNext();
    });
  try {
    for (let i = availableParallelism(); i > 0; i--) workers.push(new Worker(workerUrl));
    await Promise.all(workers.map(work));
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}
