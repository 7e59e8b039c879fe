// Holds the lock of a directory as a process does that will be killed: it listens on the socket that is the lock.
import { createServer } from 'node:net';
import { join } from 'node:path';

createServer().listen(join(process.argv[2], 'lock.1'), () => process.send('locked'));
