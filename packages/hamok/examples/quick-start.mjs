import { Hamok } from 'hamok';

const members = ['a', 'b', 'c'].map((peerId) => new Hamok({ peerId, expectedPeers: 3 }));
for (const from of members) {
  from.on('message', (message) => {
    for (const to of members) if (to !== from) to.accept(message);
  });
}
await Promise.all(members.map((member) => member.join()));
const [a, b, c] = members.map((member) => member.createMap({ mapId: 'counters' }));
await a.set('visits', 1);
console.log(await b.updateIf('visits', 2, 1), await c.set('visits', 3)); // true 2
await Promise.all(members.map((member) => member.close()));
