import { ContainerWriter, inChunks } from './container-writer.js';
import type { Compression, SnapshotHeader } from './format.js';

/** The state of one state machine. */
export interface SnapshotSection {
  /** Names the state machine; once in a container. */
  readonly name: string;
  readonly data: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

export interface WriteOptions {
  /** Default `none`. */
  readonly compression?: Compression;
}

/** Writes a container as a stream: at most one chunk is held at a time. */
export async function* writeSnapshot(
  header: SnapshotHeader,
  sections: AsyncIterable<SnapshotSection> | Iterable<SnapshotSection>,
  { compression = 'none' }: WriteOptions = {},
): AsyncGenerator<Uint8Array> {
  const writer = new ContainerWriter(compression);
  yield writer.begin(header);
  for await (const { name, data } of sections) {
    yield writer.section(name);
    for await (const bytes of data) for (const chunk of inChunks(bytes)) yield await writer.chunk(chunk);
  }
  yield writer.end();
}
