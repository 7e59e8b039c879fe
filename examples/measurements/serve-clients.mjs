// What has nothing to do with the grid: clients on sockets, which ask by lines and are answered by lines.
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';

/**
 * Resolves with the port.
 *
 * @param {Record<string, (...words: string[]) => Promise<string>>} answers to what clients ask, by the first word of a line
 * @param {(clients: number) => Promise<unknown>} counted is told how many are connected, whenever that changes
 * @returns {Promise<number>}
 */
export function serveClients(answers, counted) {
  const sockets = new Set();
  const count = () => void counted(sockets.size).catch(console.error);
  const server = createServer((socket) => {
    sockets.add(socket);
    count();
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      sockets.delete(socket);
      count();
    });
    createInterface({ input: socket }).on('line', async (line) => {
      const [question = '', ...words] = line.split(' ');
      const answer = Object.hasOwn(answers, question) ? answers[question] : undefined;
      const text = await (answer?.(...words) ?? Promise.reject(new Error('that is no question'))).catch(String);
      socket.write(`${text}\n`);
    });
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(Object(server.address()).port));
  });
}
