import type { HamokMessage } from '@hamok/messages';
import type { Entry, RaftNode } from '@hamok/raft';
import type { Process } from '../world/process.js';

/** A statement about whole processes that holds after every step. Each call may throw a `Violation`. */
export interface GridInvariant {
  readonly name: string;
  /** Who states it. */
  readonly source: string;
  onSpawn?(process: Process): void;
  /** It takes part from now on, with this engine. */
  onEngine?(process: Process, engine: RaftNode): void;
  /** It comes back as another incarnation, with nothing. */
  onRejoin?(process: Process): void;
  onDeath?(process: Process): void;
  /** It was closed, and let go of everything. */
  onClosed?(process: Process): void;
  /** A process did something, and nothing is left of it to be done. */
  onStep?(process: Process): void;
  /** A process sends a frame; it is about to take one in. Whoever asks for what it says does so at once. */
  onSent?(process: Process, frame: () => HamokMessage): void;
  onReceived?(process: Process, frame: () => HamokMessage): void;
  /** A process applied an entry; called at once, within the step. */
  onApplied?(process: Process, entry: Entry): void;
  /** A process told its program of an error that belongs to no call. */
  onError?(process: Process, error: Error): void;
  /** What is to come by itself at a process, without that anyone calls; undefined if nothing is. */
  awaited?(process: Process): string | undefined;
  /** Everything healed and came to rest. */
  onEnd?(): void;
}
