import { isDeepStrictEqual } from 'node:util';
import type { Configuration } from '../core/configuration.js';
import type { Entry } from '../core/entry.js';
import { LogDamagedError, LogVersionError } from '../errors.js';
import { type FileSystem, nodeFileSystem } from './file-system.js';
import type { LogState } from './log-state.js';
import { load } from './recovery.js';
import { Replay, type SegmentSummary } from './replay.js';

/** What is in the directory of a log, as far as it can be read. */
export interface LogInspection {
  /** Undefined where there is no log. */
  readonly state:
    | Pick<LogState, 'owner' | 'durability' | 'hardState' | 'base' | 'configuration' | 'lastIndex'>
    | undefined;
  /** The last run ended in order. */
  readonly closed: boolean;
  readonly segments: readonly SegmentSummary[];
  /** Entries behind the base: how many, of which terms, and which of them change the configuration. */
  readonly entries: number;
  readonly terms: readonly { readonly term: number; readonly from: number; readonly to: number }[];
  readonly configurations: readonly { readonly index: number; readonly configuration: Configuration }[];
  /** Paths of files that the next start removes. */
  readonly leftovers: readonly string[];
  /** Why it cannot be used, with the place. */
  readonly damage: LogDamagedError | LogVersionError | undefined;
}

/** So often a log is looked at whose files come and go meanwhile. */
const attempts = 10;

/** Looks at a log and changes nothing; of one that is in use, it sees what is in the files at that moment. */
export async function inspectLog(directory: string, fileSystem: FileSystem = nodeFileSystem): Promise<LogInspection> {
  for (let attempt = 1; ; attempt++) {
    const names = await fileSystem.list(directory);
    const [outcome] = await Promise.allSettled([inspectOnce(directory, fileSystem)]);
    const isStill = isDeepStrictEqual(names, await fileSystem.list(directory));
    if (!isStill && attempt < attempts) continue;
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  }
}

async function inspectOnce(directory: string, fileSystem: FileSystem): Promise<LogInspection> {
  const replay = new Replay();
  let leftovers: readonly string[] = [];
  let entries: readonly Entry[] = [];
  let damage: LogInspection['damage'];
  try {
    const loaded = await load(fileSystem, directory);
    ({ leftovers } = loaded);
    for (const file of loaded.files) replay.read(file, file.sequence === loaded.lastSequence);
    entries = replay.entries();
  } catch (error) {
    if (!(error instanceof LogDamagedError || error instanceof LogVersionError)) throw error;
    damage = error;
  }
  const { state, closed, segments } = replay;
  const configurations = entries.flatMap(({ index, configuration }) =>
    configuration ? [{ index, configuration }] : [],
  );
  return {
    state,
    closed,
    segments,
    entries: entries.length,
    terms: termsOf(entries),
    configurations,
    leftovers,
    damage,
  };
}

function termsOf(entries: readonly Entry[]): LogInspection['terms'] {
  const terms: { term: number; from: number; to: number }[] = [];
  for (const { index, term } of entries) {
    const last = terms[terms.length - 1];
    if (last?.term === term) last.to = index;
    else terms.push({ term, from: index, to: index });
  }
  return terms;
}
