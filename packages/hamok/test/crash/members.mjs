// The processes of a grid: started, killed and asked, and what is known of each when one of them stands still.
import { fork } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const remembered = 60;
const stackOnSignal = process.platform === 'win32' ? undefined : 'SIGUSR2';

export class Members {
  #root;
  #ports;
  #settings;
  #on;
  #all = new Map();
  /** By id: what the last processes said, for people. */
  #said = new Map();

  /** @param on is told by `message`, of the messages of all, and by `died`, of those that nobody killed */
  constructor({ root, ports, on, ...settings }) {
    this.#root = root;
    this.#ports = ports;
    this.#on = on;
    this.#settings = settings;
  }

  get ids() {
    return Object.keys(this.#ports);
  }

  get all() {
    return [...this.#all.values()];
  }

  get(id) {
    return this.#all.get(id);
  }

  start(id, round) {
    const options = { peerId: id, ports: this.#ports, directory: join(this.#root, id), round, ...this.#settings };
    const execArgv = stackOnSignal
      ? ['--report-on-signal', `--report-signal=${stackOnSignal}`, `--report-directory=${this.#root}`]
      : [];
    const child = fork(join(import.meta.dirname, 'member.mjs'), [JSON.stringify(options)], { execArgv });
    const member = { id, child, dead: false, applied: -1, answers: new Map() };
    member.exited = new Promise((resolve) => child.once('exit', resolve));
    member.joined = new Promise((resolve, reject) => {
      member.onJoined = resolve;
      child.once('exit', (code, signal) => {
        if (!member.dead) this.#on.died(member, code ?? signal);
        reject(new Error('killed'));
      });
    });
    member.joined.catch(() => {});
    child.on('message', (message) => {
      this.#remember(id, message);
      if (message.type === 'joined') member.onJoined();
      if (message.type === 'applied') member.applied = message.index;
      member.answers.get(message.type)?.(message);
      this.#on.message(member, message);
    });
    this.#all.set(id, member);
    this.#remember(id, { type: 'started', text: `process ${child.pid}` });
  }

  /** Whether it lived. */
  kill(id) {
    const member = this.#all.get(id);
    if (member.dead) return false;
    member.dead = true;
    this.#remember(id, { type: 'killed' });
    member.child.kill('SIGKILL');
    return true;
  }

  async ask(member, type) {
    return await new Promise((resolve) => {
      member.answers.set(type, resolve);
      member.child.send({ type });
    });
  }

  #remember(id, { type, text = '' }) {
    if (['issued', 'acknowledged', 'applied', 'dump', 'report'].includes(type)) return;
    const said = this.#said.get(id) ?? [];
    said.push(`${new Date().toISOString()} ${type} ${text}`);
    if (said.length > remembered) said.shift();
    this.#said.set(id, said);
  }

  /** What each said, how it sees the grid, and, of one that does not answer, what it is doing. */
  async describe() {
    const parts = [];
    for (const member of this.all) {
      parts.push(`--- ${member.id}${member.dead ? ' (killed)' : ''}, applied ${member.applied}`);
      parts.push(...(this.#said.get(member.id) ?? []));
      if (member.dead || !member.child.connected) continue;
      const report = await Promise.race([this.ask(member, 'report'), sleep(5000)]);
      parts.push(report?.text ?? `no answer; it is at\n${await this.#stackOf(member)}`);
    }
    return parts.join('\n');
  }

  async #stackOf({ child }) {
    if (stackOnSignal === undefined) return 'not known';
    child.kill(stackOnSignal);
    await sleep(5000);
    const names = await readdir(this.#root);
    const name = names.find((other) => other.startsWith('report.') && other.includes(`.${child.pid}.`));
    if (name === undefined) return 'not known';
    const { javascriptStack, libuv } = JSON.parse(await readFile(join(this.#root, name), 'utf8'));
    const active = libuv.filter(({ is_active }) => is_active).map(({ type }) => type);
    return [javascriptStack.message, ...(javascriptStack.stack ?? []), `active: ${active.join(' ')}`].join('\n');
  }
}

/** Not of those that systems give to connections: one of them could get the port of a member that is dead just then. */
export async function freePorts(ids) {
  const from = 20_000 + Math.floor(Math.random() * 10_000);
  const ports = {};
  let port = from;
  for (const id of ids) {
    while (!(await isFree(port))) port++;
    ports[id] = port++;
  }
  return ports;
}

function isFree(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
