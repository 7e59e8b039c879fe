import { stat } from 'node:fs/promises';
import { BadSnapshotError, describeSnapshot } from '@hamok/collections';
import {
  type Compression,
  formatVersion,
  readSnapshot,
  readState,
  SnapshotError,
  type SnapshotHeader,
} from '@hamok/snapshot';
import { readFile } from '@hamok/snapshot/file';
import { type Command, field, onlyArgument } from './command.js';

/** Says what is in a snapshot, as far as it can be read, and whether it is whole. */
export const snapshotInspect: Command = {
  name: 'snapshot inspect',
  parameters: 'FILE',
  summary: 'what is in a snapshot, and whether it is whole',
  async run(args, print) {
    const path = onlyArgument(args, 'FILE');
    const file = await stat(path);
    if (!file.isFile()) throw new Error(`${path} is no file, and a snapshot is one`);
    print(field('file', `${path}, ${file.size} bytes`));
    try {
      await printContainer(path, print);
      await printContent(path, print);
      print(field('whole', 'yes: every checksum is right, and the end is there'));
      return 0;
    } catch (error) {
      if (!(error instanceof SnapshotError)) throw error;
      print(field('whole', `NO, ${error.code}: ${error.message}`));
      return 1;
    }
  },
};

interface Section {
  readonly name: string;
  bytes: number;
  chunks: number;
}

async function printContainer(path: string, print: (line: string) => void): Promise<void> {
  const sections: Section[] = [];
  let whole = false;
  try {
    for await (const part of readSnapshot(readFile(path))) {
      const section = sections.at(-1);
      if (part.type === 'header') printHeader(part.header, part.compression, print);
      else if (part.type === 'section') sections.push({ name: part.name, bytes: 0, chunks: 0 });
      else if (part.type === 'end') whole = true;
      else if (section) {
        section.bytes += part.data.byteLength;
        section.chunks++;
      }
    }
  } finally {
    sections.forEach(({ name, bytes, chunks }, i) => {
      const cut = !whole && i === sections.length - 1 ? ' up to the damage' : '';
      print(field('section', `${name}: ${bytes} bytes in ${chunks} chunks${cut}`));
    });
  }
}

function printHeader(header: SnapshotHeader, compression: Compression, print: (line: string) => void): void {
  const { gridId, index, term, time, voters, learners, mostVoters } = header;
  print(field('format', `version ${formatVersion}, compression ${compression}`));
  print(field('grid', gridId));
  print(field('index', `${index}, of term ${term}, at ${time} ms of log time`));
  print(field('voters', voters.join(', ')));
  if (mostVoters !== undefined) print(field('', `${mostVoters} at the most since the grid began`));
  if (learners.length > 0) print(field('learners', learners.join(', ')));
}

/** What the collections keep in it. Other state machines have a form of their own, of which nothing is known here. */
async function printContent(path: string, print: (line: string) => void): Promise<void> {
  const { state } = await readState(readFile(path));
  try {
    const { members, storages } = await describeSnapshot(state);
    print(field('sessions', `${members.length}`));
    for (const { id, kind, size } of storages) print(field(kind, `${id}: ${size}`));
  } catch (error) {
    if (!(error instanceof BadSnapshotError)) throw error;
    print(field('content', `nothing that the collections of this release know (${error.message})`));
  }
}
