import { expect, it } from 'vitest';
import { hashOf, weightOf } from '../../src/storage-grid/rendezvous.js';
import { type Participant, Role, View } from '../../src/storage-grid/view.js';

const participants = ['a', 'b', 'c', 'd', 'e'].map((name): Participant => {
  const id = `${name}@1/3`;
  return { id, member: `${name}@1`, since: 3, hash: hashOf(id) };
});
const view = new View(3, participants);

it('ranks all participants for each key: its home first, and as keepers those that come first without its holder', () => {
  for (let n = 0; n < 500; n++) {
    const slot = `key-${n}`;
    const hash = hashOf(slot);
    const ranking = [...participants].sort((a, b) => weightOf(hash, b.hash) - weightOf(hash, a.hash));
    expect(view.homeOf(slot)).toBe(ranking[0]);
    for (const holder of participants)
      for (const backups of [0, 1, 2, 9]) {
        const keepers = ranking.filter((one) => one !== holder).slice(0, backups + 1);
        expect(view.keepersOf(slot, holder.id, backups)).toEqual(keepers);
        for (const one of participants) {
          const at = keepers.indexOf(one);
          const role = at < 0 ? Role.None : at < backups ? Role.Backup : Role.Witness;
          expect(view.roleOf(one, slot, holder, backups)).toBe(role);
        }
      }
  }
});
