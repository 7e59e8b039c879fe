import { HamokMessage, MessageType } from '@hamok/messages';
import { Violation } from '../../invariants/invariant.js';
import type { Process } from '../world/process.js';
import type { GridInvariant } from './grid-invariant.js';

/** One entry, by its bytes. */
interface Proposed {
  /** How often it was proposed, without the times that it was refused for certain. */
  mayBeLogged: number;
  logged: number;
}

/** Each proposal is in the log at most once, and not at all where its proposer was told that it certainly is not, nor will be. */
export function certainRefusals(): GridInvariant {
  const name = 'what is refused is not in the log';
  const proposed = new Map<string, Proposed>();
  const furthest = new Map<string, number>();

  const check = ({ name: process }: Process, { mayBeLogged, logged }: Proposed, data: Uint8Array): void => {
    if (logged <= mayBeLogged) return;
    const { sourceId, sessionSequence, storageId } = HamokMessage.fromBinary(data);
    const what = `command ${sessionSequence} of ${sourceId} to ${storageId}`;
    throw new Violation(name, `${what} is in the log of ${process} ${logged} times, and may be ${mayBeLogged} times`);
  };

  return {
    name,
    source: 'RaftNode.propose, NotCommittedError',
    onEngine(process, engine) {
      const submit = engine.submit.bind(engine);
      engine.submit = (data, wait) => {
        const key = keyOf(data);
        const entry = proposed.get(key) ?? { mayBeLogged: 0, logged: 0 };
        if (isWatched(data)) proposed.set(key, entry);
        entry.mayBeLogged++;
        const outcome = submit(data, wait);
        outcome.catch((error: unknown) => {
          if (!isCertain(error)) return;
          entry.mayBeLogged--;
          process.world.check(() => check(process, entry, data));
        });
        return outcome;
      };
    },
    onApplied(process, { index, data }) {
      const { gridId = '' } = process;
      if (index <= (furthest.get(gridId) ?? -1)) return;
      furthest.set(gridId, index);
      const entry = proposed.get(keyOf(data));
      if (!entry) return;
      entry.logged++;
      check(process, entry, data);
    },
  };
}

/** Each byte is another character. */
const bytewise = new TextDecoder('latin1');

function keyOf(data: Uint8Array): string {
  return bytewise.decode(data);
}

/** What is proposed before the start has ended was not seen. */
function isWatched(data: Uint8Array): boolean {
  return HamokMessage.fromBinary(data).type !== MessageType.MEMBER_RUN_REQUEST;
}

function isCertain(error: unknown): boolean {
  return error instanceof Error && 'mayHaveHappened' in error && error.mayHaveHappened === false;
}
