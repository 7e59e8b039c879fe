import type { Fault } from './fault.js';

/** A link comes and goes, so that whatever takes several messages is seldom finished. */
export const flappingLink: Fault = {
  name: 'flapping link',
  inject(cluster, random) {
    const [a, b] = random.shuffled(cluster.living.map(({ id }) => id));
    if (a === undefined || b === undefined) return undefined;
    const both = [
      [a, b],
      [b, a],
    ] as const;
    const period = random.between(5, 400);
    let isCut = false;
    let isOver = false;
    const flap = (): void => {
      if (isOver) return;
      isCut = !isCut;
      for (const [from, to] of both) isCut ? cluster.network.cut(from, to) : cluster.network.mend(from, to);
      cluster.queue.after(random.between(0.2, 1.8) * period, flap);
    };
    flap();
    cluster.note(() => `the link between ${a} and ${b} begins to flap`);
    return {
      after: random.between(1000, 6000),
      run() {
        if (isCut) flap();
        isOver = true;
        cluster.note(() => `the link between ${a} and ${b} is stable again`);
      },
    };
  },
};
