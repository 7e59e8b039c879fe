import { ContainerWriter, inChunks } from './container-writer.js';
import { DamagedSnapshotError } from './errors.js';
import type { Compression, SnapshotHeader } from './format.js';
import { type PartPlace, readChunkAgain, readPlaced } from './read-snapshot.js';
import { type SnapshotMeta, type StoredSnapshot, stateSection } from './store.js';

/** Where the bytes of a container are. */
export interface ContainerMedium {
  /** As many bytes as there are at a position, up to `length`. */
  read(position: number, length: number): Promise<Uint8Array>;
}

/** Where in a container which bytes of the state are. */
interface ChunkPlace extends PartPlace {
  /** Of its first byte in the state. */
  readonly offset: number;
  /** Of the state. */
  readonly size: number;
}

/** A container with one state, of which any part can be read. It knows where its chunks are, and checks each when it is read. */
class StoredContainer implements StoredSnapshot {
  constructor(
    readonly meta: SnapshotMeta,
    readonly size: number,
    private readonly chunks: readonly ChunkPlace[],
    private readonly medium: ContainerMedium,
  ) {}

  async read(offset: number, length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(Math.max(0, Math.min(length, this.size - offset)));
    for (let i = this.#chunkAt(offset), filled = 0; filled < bytes.byteLength; i++) {
      const place = this.chunks[i];
      if (!place) break;
      const chunk = await readChunkAgain(await this.medium.read(place.position, place.length), place);
      const from = offset + filled - place.offset;
      const part = chunk.subarray(from, from + bytes.byteLength - filled);
      bytes.set(part, filled);
      filled += part.byteLength;
    }
    return bytes;
  }

  /** The last chunk that begins at or before an offset. */
  #chunkAt(offset: number): number {
    let low = 0;
    let high = this.chunks.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.chunks[middle]?.offset ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/** Writes a state into a container, in pieces, and remembers where they are. */
export class StoredContainerWriter {
  readonly #writer: ContainerWriter;
  readonly #chunks: ChunkPlace[] = [];
  #size = 0;

  constructor(
    private readonly meta: SnapshotMeta,
    private readonly compression: Compression,
  ) {
    this.#writer = new ContainerWriter(compression);
  }

  *begin(): Generator<Uint8Array> {
    yield this.#writer.begin(headerOf(this.meta));
    yield this.#writer.section(stateSection);
  }

  async *append(data: Uint8Array): AsyncGenerator<Uint8Array> {
    for (const chunk of inChunks(data)) {
      const { position, checksum: checksumBefore } = this.#writer;
      const record = await this.#writer.chunk(chunk);
      const { byteLength: length } = record;
      const { compression } = this;
      const size = chunk.byteLength;
      this.#chunks.push({ position, length, checksumBefore, compression, offset: this.#size, size });
      this.#size += size;
      yield record;
    }
  }

  end(): Uint8Array {
    return this.#writer.end();
  }

  stored(medium: ContainerMedium): StoredContainer {
    return new StoredContainer(this.meta, this.#size, this.#chunks, medium);
  }
}

/**
 * Reads a container to its end, and finds out where everything is.
 * @throws {DamagedSnapshotError} {@link NewerSnapshotError}
 */
export async function openContainer(medium: ContainerMedium): Promise<StoredContainer> {
  const chunks: ChunkPlace[] = [];
  let meta: SnapshotMeta | undefined;
  let size = 0;
  for await (const { part, place } of readPlaced(bytesOf(medium))) {
    if (part.type === 'header') meta = metaOf(part.header);
    if (part.type === 'section' && part.name !== stateSection)
      throw new DamagedSnapshotError(place.position, `a section ${part.name}, where stores have but ${stateSection}`);
    if (part.type !== 'chunk') continue;
    const { byteLength } = part.data;
    chunks.push({ ...place, offset: size, size: byteLength });
    size += byteLength;
  }
  if (!meta) throw new DamagedSnapshotError(0, 'no header');
  return new StoredContainer(meta, size, chunks, medium);
}

const readSize = 256 * 1024;

async function* bytesOf(medium: ContainerMedium): AsyncGenerator<Uint8Array> {
  for (let position = 0; ; ) {
    const bytes = await medium.read(position, readSize);
    if (bytes.byteLength === 0) return;
    position += bytes.byteLength;
    yield bytes;
  }
}

function headerOf({ gridId, position, configuration }: SnapshotMeta): SnapshotHeader {
  const { index, term, time } = position;
  const { voters, learners, mostVoters } = configuration;
  return { gridId, index, term, time, voters, learners, mostVoters };
}

function metaOf({ gridId, index, term, time, voters, learners, mostVoters }: SnapshotHeader): SnapshotMeta {
  return { gridId, position: { index, term, time }, configuration: { voters, learners, mostVoters } };
}
