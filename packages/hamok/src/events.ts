import type { HamokMessage } from '@hamok/messages';
import type { NodeState, RaftNodeEvents } from '@hamok/raft';

/** `empty`: not running. */
export type HamokState = NodeState | 'empty';

export interface HamokEventMap extends Omit<RaftNodeEvents, 'commit' | 'state-changed'> {
  'state-changed': [state: HamokState, previous: HamokState];
  /** Only without a transport: to be sent to the member with id `destinationId`, or to every other member where it has none. */
  message: [message: HamokMessage];
  /** An entry of the log was applied here. */
  commit: [commitIndex: number, message: HamokMessage];
  /** This member left its grid. */
  left: [];
  close: [];
}
