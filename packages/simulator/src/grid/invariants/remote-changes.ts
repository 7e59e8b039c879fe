import type { Entry } from '@hamok/raft';
import { Violation } from '../../invariants/invariant.js';
import { remoteKeys, remoteMapOf } from '../workload/collections.js';
import type { Process } from '../world/process.js';
import type { GridInvariant } from './grid-invariant.js';

/** What an event says of a key: its value before, and after; undefined where there is none. */
interface Change {
  readonly event: string;
  readonly key: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** What one process told. */
interface Story {
  /** Since its last entry. */
  readonly told: Change[];
  /** What each key holds by that, as far as it is known. */
  readonly holds: Map<string, string | undefined>;
  index: number;
}

/**
 * The events of a map over a database with transactions, in which each change is made once, follow from each other: what is told to have been
 * there is what was told last.
 */
export class RemoteChanges implements GridInvariant {
  readonly name = 'events of a remote map follow on';
  readonly source = 'HamokRemoteMap: "Events fire on every member, in the order of the changes"; each is made once';
  readonly #stories = new WeakMap<Process, Story>();

  onSpawn(process: Process): void {
    const told: Change[] = [];
    this.#stories.set(process, { told, holds: new Map(), index: -1 });
    const map = remoteMapOf(process);
    map.on('insert', (key, after) => told.push({ event: 'insert', key, before: undefined, after }));
    map.on('update', (key, before, after) => told.push({ event: 'update', key, before, after }));
    map.on('remove', (key, before) => told.push({ event: 'remove', key, before, after: undefined }));
    map.on('clear', () => told.push(...remoteKeys.map(cleared)));
  }

  onRejoin(process: Process): void {
    const story = this.#stories.get(process);
    story?.told.splice(0);
    story?.holds.clear();
  }

  onApplied(process: Process, { index }: Entry): void {
    const story = this.#stories.get(process);
    if (!story) return;
    // What a snapshot brought was not told.
    if (index !== story.index + 1) story.holds.clear();
    story.index = index;
    for (const change of story.told.splice(0)) this.#follow(process, story, index, change);
  }

  #follow({ name }: Process, { holds }: Story, index: number, { event, key, before, after }: Change): void {
    if (event !== 'clear' && holds.has(key) && holds.get(key) !== before)
      throw new Violation(
        this.name,
        `${name} told of ${index} ${event} ${key}, of ${before ?? 'nothing'}, where ${holds.get(key) ?? 'nothing'} was`,
      );
    holds.set(key, after);
  }
}

/** That says nothing of what was there. */
function cleared(key: string): Change {
  return { event: 'clear', key, before: undefined, after: undefined };
}
