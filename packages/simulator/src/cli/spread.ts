import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';

/** What a worker is about. */
interface Begun<Job> {
  readonly number: number;
  readonly job: Job;
}

/** Of jobs that may never end. */
export interface Patience<Job> {
  readonly limitInMs: (job: Job) => number;
  /** Called in place of `take`; returns whether to go on. */
  readonly givenUp: (job: Job) => boolean;
}

/**
 * Does jobs in workers, one for each processor, and hands over the results in the order of the jobs, until there are none left or `take`
 * returns false. Rejects with what a worker threw.
 * @param ongoing kept up to date: the jobs that are under way, and when they began, by `performance.now()`
 */
export async function spread<Job, Result>(
  workerUrl: URL,
  jobs: Iterable<Job>,
  take: (result: Result, job: Job) => boolean | Promise<boolean>,
  ongoing: Map<Job, number> = new Map(),
  patience?: Patience<Job>,
): Promise<void> {
  const source = jobs[Symbol.iterator]();
  const waiting = new Map<number, () => boolean | Promise<boolean>>();
  const workers = new Set<Worker>();
  let given = 0;
  let taken = 0;
  let goesOn = true;
  /** One at a time: a result may take long to be looked at. */
  let taking = Promise.resolve();
  const takeInOrder = async (): Promise<void> => {
    for (let next = waiting.get(taken); next && goesOn; next = waiting.get(taken)) {
      waiting.delete(taken++);
      if (!(await next())) goesOn = false;
    }
  };
  const begin = (): Begun<Job> | undefined => {
    const next = goesOn ? source.next() : undefined;
    if (!next || next.done) return undefined;
    ongoing.set(next.value, performance.now());
    return { number: given++, job: next.value };
  };
  const end = ({ number, job }: Begun<Job>, taker: () => boolean | Promise<boolean>): Promise<void> => {
    ongoing.delete(job);
    waiting.set(number, taker);
    taking = taking.then(takeInOrder);
    return taking;
  };
  const work = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(workerUrl);
      workers.add(worker);
      let current: Begun<Job> | undefined;
      let timer: NodeJS.Timeout | undefined;
      const giveNext = (): void => {
        current = begin();
        if (!current) return resolve();
        worker.postMessage(current.job);
        if (patience) timer = setTimeout(giveUp, limitOf(current.job, patience), current, patience).unref();
      };
      /** It may not even look at its messages: another worker goes on. */
      const giveUp = (begun: Begun<Job>, { givenUp }: Patience<Job>): void => {
        workers.delete(worker);
        const replaced = Promise.all([worker.terminate(), end(begun, () => givenUp(begun.job))]);
        replaced.then(() => (goesOn ? work() : undefined)).then(resolve, reject);
      };
      worker.on('error', reject);
      worker.on('message', (result: Result) => {
        clearTimeout(timer);
        if (!current) return;
        const { job } = current;
        end(current, () => take(result, job)).then(giveNext, reject);
      });
      giveNext();
    });
  try {
    await Promise.all(Array.from({ length: availableParallelism() }, work));
  } finally {
    await Promise.all([...workers].map((worker) => worker.terminate()));
  }
}

/** Past the longest timer of the platform, one ends at once. */
const longestTimerInMs = 2 ** 31 - 1;

function limitOf<Job>(job: Job, { limitInMs }: Patience<Job>): number {
  return Math.min(limitInMs(job), longestTimerInMs);
}
