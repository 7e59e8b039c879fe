import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

const namePattern = /^\d{16}\.snapshot$/;
const partPattern = /^\d{16}\.snapshot\.part$/;

/** The names of the snapshots in a directory: numbers that grow. */
export class SnapshotDirectory {
  /** The newest first. */
  #names: string[] = [];
  #last = 0;

  constructor(private readonly path: string) {}

  get names(): readonly string[] {
    return this.#names;
  }

  /** Looks what is there, and removes what was begun and not finished. Whatever has a name then is on the disk. */
  async open(): Promise<void> {
    const made = await mkdir(this.path, { recursive: true });
    for (const parent of parentsOf(this.path, made)) await syncDirectory(parent, made === undefined);
    const found = await readdir(this.path);
    for (const name of found) if (partPattern.test(name)) await rm(this.pathOf(name));
    // The process before may have died between giving a snapshot its name and making that last.
    await syncDirectory(this.path);
    this.#names = found
      .filter((name) => namePattern.test(name))
      .sort()
      .reverse();
    this.#last = Number.parseInt(this.#names[0] ?? '0', 10);
  }

  /** A name that was never used, and the path of what will get it. */
  next(): { readonly path: string; readonly name: string } {
    this.#last++;
    const name = `${String(this.#last).padStart(16, '0')}.snapshot`;
    return { path: this.pathOf(`${name}.part`), name };
  }

  /** Gives a file, all of which is on the disk, its name: it is there after a crash, or it is not. Returns its path. */
  async publish(part: string, name: string): Promise<string> {
    const path = this.pathOf(name);
    await rename(part, path);
    await syncDirectory(this.path);
    // One that was begun later may have been ready before.
    this.#names = [name, ...this.#names].sort().reverse();
    return path;
  }

  pathOf(name: string): string {
    return join(this.path, name);
  }

  /** One that cannot be removed stays, to be tried again. */
  async remove(name: string): Promise<void> {
    try {
      await rm(this.pathOf(name), { force: true });
    } catch {
      return;
    }
    this.#names = this.#names.filter((other) => other !== name);
  }
}

/** The directories that hold the names of a directory, and of those above it that were made with it. */
function parentsOf(path: string, made: string | undefined): string[] {
  const parents: string[] = [];
  const last = dirname(resolve(made ?? path));
  for (let at = resolve(path); at !== last && at !== dirname(at); parents.push(at)) at = dirname(at);
  return parents;
}

/**
 * A name is on the disk once the directory is.
 * @param isOthers it may be that of somebody else, who does not let it be read, and who made it last
 */
async function syncDirectory(path: string, isOthers = false): Promise<void> {
  // Windows does not open directories, and keeps their changes in order by itself.
  if (process.platform === 'win32') return;
  const directory = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (isOthers && error.code === 'EACCES') return undefined;
    throw error;
  });
  try {
    await directory?.sync();
  } finally {
    await directory?.close();
  }
}
