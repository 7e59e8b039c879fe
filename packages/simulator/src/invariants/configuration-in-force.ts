import type { Configuration } from '@hamok/raft';
import { describeConfiguration } from '../report/entry.js';
import { type Invariant, Violation } from './invariant.js';
import type { Subject } from './subject.js';

/** Each member goes by the latest configuration in its log, committed or not; truncation brings back the one before. */
export function configurationInForce(): Invariant {
  const name = 'configuration in force';
  return {
    name,
    source: 'thesis §4.1',
    onStep({ member, before, after, fresh, rewrittenFrom }) {
      const isRewritten = rewrittenFrom < Number.POSITIVE_INFINITY || before?.baseIndex !== after.baseIndex;
      if (!isRewritten && !fresh.some(({ kind }) => kind === 'configuration')) return;
      const { configuration, log } = member.core;
      const { latest, at } = latestIn(member);
      if (log.configurationIndex !== at)
        throw new Violation(
          name,
          `${member.id} believes that its configuration stands at ${log.configurationIndex}, not ${at}`,
        );
      if (latest !== undefined && !same(configuration, latest))
        throw new Violation(
          name,
          `${member.id} goes by ${describeConfiguration(configuration)}, its log says ${describeConfiguration(latest)}`,
        );
    },
  };
}

/** Of the entries held, else of the snapshot that the log begins with; undefined while that is being written. And where it stands. */
function latestIn({ core: { log }, disk: { snapshot } }: Subject): { latest: Configuration | undefined; at: number } {
  for (let index = log.lastIndex; index >= log.firstIndex; index--) {
    const configuration = log.get(index)?.configuration;
    if (configuration) return { latest: configuration, at: index };
  }
  const latest = snapshot.position.index === log.base.index ? snapshot.configuration : undefined;
  return { latest, at: log.base.index };
}

function same(a: Configuration, b: Configuration): boolean {
  return a.voters.join() === b.voters.join() && a.learners.join() === b.learners.join();
}
