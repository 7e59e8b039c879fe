// How fast the file store takes and gives a state, beside what the disk does with the same bytes by itself.
// usage: node bench/file-store.mjs [MiB, default 128] [DIR], after a build
import { mkdtemp, open, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileSnapshotStore } from '../dist/file/index.js';

const mebibytes = Number(process.argv[2] ?? 128);
const root = await mkdtemp(join(process.argv[3] ?? tmpdir(), 'hamok-bench-'));
const meta = {
  gridId: 'g',
  position: { index: 1, term: 1, time: 0 },
  configuration: { voters: ['a@1'], learners: [] },
};
/** As consensus writes and reads it: half of it does not repeat. */
const chunk = new Uint8Array(64 * 1024);
for (let i = 0; i < chunk.length / 2; i++) chunk[i] = Math.random() * 256;
const chunks = mebibytes * 16;

async function measured(what, work) {
  const from = performance.now();
  await work();
  const seconds = (performance.now() - from) / 1000;
  console.log(`${what}: ${Math.round(mebibytes / seconds)} MiB/s`);
}

const raw = await open(join(root, 'raw'), 'w+');
await measured('a file by itself, written and synced', async () => {
  for (let i = 0; i < chunks; i++) await raw.write(chunk);
  await raw.sync();
});
await measured('a file by itself, read', async () => {
  const into = new Uint8Array(chunk.length);
  for (let i = 0; i < chunks; i++) await raw.read(into, 0, into.length, i * into.length);
});
await raw.close();

for (const compression of ['none', 'deflate']) {
  const directory = join(root, compression);
  const open = () => new FileSnapshotStore({ directory, compression });
  const store = open();
  await measured(`compression ${compression}, written and synced`, async () => {
    const writer = store.create(meta);
    for (let i = 0; i < chunks; i++) await writer.append(chunk);
    await writer.complete();
  });
  const [path] = await store.paths();
  console.log(`compression ${compression}: ${((await stat(path)).size / 2 ** 20 / mebibytes).toFixed(2)} of its size`);
  let snapshot;
  await measured(`compression ${compression}, looked through by the next process`, async () => {
    snapshot = await open().latest();
  });
  await measured(`compression ${compression}, read`, async () => {
    for (let offset = 0; offset < snapshot.size; ) offset += (await snapshot.read(offset, chunk.length)).byteLength;
  });
}
await rm(root, { recursive: true });
