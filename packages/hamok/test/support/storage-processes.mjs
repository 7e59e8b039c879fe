import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('storage-process.mjs', import.meta.url));

/** A member in a process of its own. */
export class StorageProcess {
  #child;
  #calls = new Map();
  #last = 0;
  /** Keys whose writing was acknowledged to it, and that it told of before it ended. */
  acknowledged = [];
  errors = [];

  constructor(id, execArgv = []) {
    this.id = id;
    this.#child = fork(program, { execArgv });
    this.#child.on('message', (message) => this.#told(message));
    this.ended = new Promise((resolve) => this.#child.once('exit', resolve));
    void this.ended.then(() => {
      for (const { reject } of this.#calls.values()) reject(new Error(`${id} has ended`));
    });
  }

  call(command, args = {}) {
    const id = ++this.#last;
    const result = new Promise((resolve, reject) => this.#calls.set(id, { resolve, reject }));
    // Whoever asked may not look any more when the process is ended.
    result.catch(() => undefined);
    this.#child.send({ id, command, args }, () => undefined);
    return result;
  }

  signal(name) {
    this.#child.kill(name);
  }

  async end() {
    this.#child.kill('SIGKILL');
    await this.ended;
  }

  #told({ id, result, failure, acknowledged, error }) {
    if (acknowledged !== undefined) this.acknowledged.push(acknowledged);
    if (error !== undefined) this.errors.push(error);
    if (id === undefined) return;
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    if (failure === undefined) call.resolve(result);
    else call.reject(new Error(failure));
  }
}

/** Members of a static grid, joined, each in a process of its own. */
export class StorageProcesses {
  members = new Map();

  constructor(ids, config, storageOptions, execArgv) {
    this.ids = ids;
    this.config = { peers: ids, ...config };
    this.storageOptions = storageOptions;
    this.execArgv = execArgv;
    this.addresses = new Map();
  }

  async start(id) {
    const member = new StorageProcess(id, this.execArgv);
    this.members.set(id, member);
    const config = { peerId: id, ...this.config };
    this.addresses.set(id, await member.call('start', { config, storageOptions: this.storageOptions }));
    const addresses = [...this.addresses].filter(([other]) => other !== id).map(([, address]) => address);
    await member.call('connect', { addresses });
    return member;
  }

  async startAll() {
    for (const id of this.ids) await this.start(id);
    await Promise.all([...this.members.values()].map((member) => member.call('join')));
  }

  /** Until so many members have all copies in their places. */
  async settled(ids) {
    const deadline = performance.now() + 60_000;
    for (;;) {
      const states = await Promise.all(ids.map((id) => this.members.get(id).call('progress')));
      const isSettled = states.every(({ settled, members }) => settled && members.length === ids.length);
      if (isSettled) return;
      if (performance.now() > deadline) throw new Error(`not settled: ${JSON.stringify(states)}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  async end() {
    await Promise.all([...this.members.values()].map((member) => member.end()));
  }
}
