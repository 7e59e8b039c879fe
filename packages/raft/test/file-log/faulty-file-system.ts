import { basename } from 'node:path';
import type { FileSystem, WritableFile } from '../../src/file-log/index.js';
import type { Random } from '../../src/index.js';

type Change = { readonly at: number; readonly bytes: Uint8Array } | { readonly length: number };

/** A file: what of it is on the disk for certain, and what was changed since. */
interface Inode {
  durable: Uint8Array;
  /** What readers see before the changes, where that is more: what a failed sync took for written until the power goes. */
  seen: Uint8Array | undefined;
  changes: Change[];
}

type NameChange = (names: Map<string, Inode>) => void;

/**
 * What a power cut takes of changes that were not synced: nothing (it was only the process that died), everything, any sectors of them, or all
 * behind any byte.
 */
export type Loss = 'nothing' | 'everything' | 'sectors' | 'bytes';

const sectorBytes = 512;

/** The process died in the middle of a call, or before it. */
export class Crash extends Error {}

/** A disk in memory, with one directory, on which every call can fail, or be the last. */
export class FaultyFileSystem implements FileSystem {
  /** Calls so far, and how many of them were syncs of a file. */
  calls = 0;
  syncs = 0;
  /** The call at which the process dies; half of what it does may be done. */
  crashAt = Number.POSITIVE_INFINITY;
  /** From this call on the disk fails; one that is full lets files be removed, but not grow. */
  failsFrom = Number.POSITIVE_INFINITY;
  failure = new Error('EIO: i/o error');
  locked = false;
  /** Files that were opened and not closed. */
  openFiles = 0;
  #names = new Map<string, Inode>();
  #durableNames = new Map<string, Inode>();
  #nameChanges: NameChange[] = [];

  constructor(private readonly random: Random) {}

  /**
   * The process dies, and unless nothing is lost the power goes with it. What was not synced is lost as told, now or at the next power
   * cut; the disk that comes back works.
   */
  crash(loss: Loss): void {
    if (loss !== 'nothing') this.#losePower(loss);
    this.calls = 0;
    this.crashAt = Number.POSITIVE_INFINITY;
    this.failsFrom = Number.POSITIVE_INFINITY;
    this.locked = false;
    this.openFiles = 0;
  }

  #losePower(loss: Loss): void {
    const names = new Map(this.#durableNames);
    for (const change of this.#nameChanges) if (this.#survives(loss)) change(names);
    for (const inode of new Set(names.values())) {
      inode.durable = this.#surviving(inode, loss);
      inode.seen = undefined;
      inode.changes = [];
    }
    this.#names = new Map(names);
    this.#durableNames = names;
    this.#nameChanges = [];
  }

  get names(): string[] {
    return [...this.#names.keys()].sort();
  }

  contentOf(name: string): Uint8Array {
    return contentOf(this.#inode(name));
  }

  /** As an editor of files would, and on the disk at once. */
  setContent(name: string, bytes: Uint8Array): void {
    const inode = { durable: bytes, seen: undefined, changes: [] };
    this.#names.set(name, inode);
    this.#durableNames.set(name, inode);
  }

  async makeDirectory(): Promise<void> {}

  async lock(): Promise<() => Promise<void>> {
    if (this.locked) throw new Error('locked');
    this.locked = true;
    return async () => {
      this.locked = false;
    };
  }

  async list(): Promise<string[]> {
    return this.#call(() => this.names);
  }

  async sizeOf(path: string): Promise<number> {
    return this.#call(() => this.contentOf(basename(path)).byteLength);
  }

  async read(path: string): Promise<Uint8Array> {
    return this.#call(() => this.contentOf(basename(path)));
  }

  async create(path: string): Promise<WritableFile> {
    const name = basename(path);
    const inode: Inode = { durable: new Uint8Array(0), seen: undefined, changes: [] };
    return this.#call(() => {
      if (this.#names.has(name)) throw new Error(`EEXIST: ${name}`);
      this.#rename((names) => names.set(name, inode));
      return this.#file(inode);
    });
  }

  async open(path: string, length: number): Promise<WritableFile> {
    return this.#call(() => {
      const inode = this.#inode(basename(path));
      inode.changes.push({ length });
      return this.#file(inode);
    });
  }

  async rename(from: string, to: string): Promise<void> {
    this.#call(() => {
      const inode = this.#inode(basename(from));
      this.#rename((names) => {
        names.delete(basename(from));
        names.set(basename(to), inode);
      });
    });
  }

  async remove(path: string): Promise<void> {
    this.#call(() => this.#rename((names) => names.delete(basename(path))));
  }

  async syncDirectory(): Promise<void> {
    this.#call(() => {
      for (const change of this.#nameChanges) change(this.#durableNames);
      this.#nameChanges = [];
    });
  }

  #file(inode: Inode): WritableFile {
    let at = 0;
    this.openFiles++;
    return {
      append: async (bytes) => {
        this.#call(
          () => {
            inode.changes.push({ at, bytes: bytes.slice() });
            at += bytes.byteLength;
          },
          () => inode.changes.push({ at, bytes: bytes.slice(0, this.#upTo(bytes.byteLength)) }),
        );
      },
      overwrite: async (bytes) => {
        this.#call(
          () => inode.changes.push({ at: 0, bytes: bytes.slice() }),
          () => inode.changes.push({ at: 0, bytes: bytes.slice(0, this.#upTo(bytes.byteLength)) }),
        );
      },
      sync: async () => {
        this.#call(
          () => {
            this.syncs++;
            if (inode.seen) inode.seen = contentOf(inode);
            inode.durable = inode.changes.reduce(applied, inode.durable);
            inode.changes = [];
          },
          () => {},
          () => {
            inode.seen = contentOf(inode);
            inode.changes = [];
          },
        );
      },
      close: async () => {
        this.openFiles--;
      },
    };
  }

  /** One step: done, or failing, or the last one, of which a part may be done. */
  #call<T>(action: () => T, part: () => void = () => {}, failed: () => void = () => {}): T {
    const call = this.calls++;
    if (call === this.crashAt) {
      if (this.random() < 0.5) part();
      throw new Crash();
    }
    if (call > this.crashAt) throw new Crash();
    if (call >= this.failsFrom) {
      failed();
      throw this.failure;
    }
    return action();
  }

  #rename(change: NameChange): void {
    change(this.#names);
    this.#nameChanges.push(change);
  }

  #inode(name: string): Inode {
    const inode = this.#names.get(name);
    if (!inode) throw new Error(`ENOENT: ${name}`);
    return inode;
  }

  #surviving({ durable, changes }: Inode, loss: Loss): Uint8Array {
    let bytes = durable;
    for (const change of changes) {
      if ('length' in change) {
        if (this.#survives(loss)) bytes = applied(bytes, change);
      } else if (loss === 'bytes') {
        const kept = this.random() < 0.5 ? change.bytes.byteLength : this.#upTo(change.bytes.byteLength);
        bytes = applied(bytes, { at: change.at, bytes: change.bytes.subarray(0, kept) });
        if (kept < change.bytes.byteLength) break;
      } else if (loss === 'sectors') {
        for (const sector of sectorsOf(change.at, change.bytes))
          if (this.random() < 0.5) bytes = applied(bytes, sector);
      }
    }
    return bytes;
  }

  #survives(loss: Loss): boolean {
    return loss !== 'everything' && this.random() < 0.5;
  }

  #upTo(length: number): number {
    return Math.floor(this.random() * (length + 1));
  }
}

function contentOf({ durable, seen, changes }: Inode): Uint8Array {
  return changes.reduce(applied, seen ?? durable);
}

/** What was never written reads as zeros. */
function applied(before: Uint8Array, change: Change): Uint8Array {
  const length = 'length' in change ? change.length : Math.max(before.byteLength, change.at + change.bytes.byteLength);
  const after = new Uint8Array(length);
  after.set(before.subarray(0, length));
  if (!('length' in change)) after.set(change.bytes, change.at);
  return after;
}

function* sectorsOf(at: number, bytes: Uint8Array): Generator<{ at: number; bytes: Uint8Array }> {
  for (let from = 0; from < bytes.byteLength; ) {
    const to = Math.min(bytes.byteLength, (Math.floor((at + from) / sectorBytes) + 1) * sectorBytes - at);
    yield { at: at + from, bytes: bytes.subarray(from, to) };
    from = to;
  }
}
