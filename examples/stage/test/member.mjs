// Says what the members of the stories say; ends, or writes down its process id, when it is told to.
import { createInterface } from 'node:readline';

console.log('listens on 1');
console.log('ready');
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'die') {
    console.error('it had to die');
    process.exit(3);
  }
  console.log(`process ${process.pid} was told ${line}`);
}
