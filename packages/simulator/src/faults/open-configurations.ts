import type { Configuration } from '@hamok/raft';

/** What is asked of a log. */
export interface ConfigurationLog {
  readonly commitIndex: number;
  readonly lastIndex: number;
  configurationAt(index: number): Configuration;
  get(index: number): { readonly configuration?: Configuration } | undefined;
}

/**
 * The configurations that a grid may yet go by: the latest that anyone knew to be committed, and those of all entries after it. What the
 * dead had counts as well, for it may be on its way. By an earlier one nobody is elected any more (thesis §4.1).
 */
export function openConfigurations(logs: readonly ConfigurationLog[]): Configuration[] {
  const [furthest] = logs.toSorted((a, b) => b.commitIndex - a.commitIndex);
  if (!furthest) return [];
  const { commitIndex } = furthest;
  const begun = logs.flatMap((log) => configurationsAfter(log, commitIndex));
  return [furthest.configurationAt(commitIndex), ...begun];
}

function configurationsAfter(log: ConfigurationLog, index: number): Configuration[] {
  const configurations: Configuration[] = [];
  for (let at = index + 1; at <= log.lastIndex; at++) {
    const configuration = log.get(at)?.configuration;
    if (configuration) configurations.push(configuration);
  }
  return configurations;
}
