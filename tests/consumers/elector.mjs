// Installs @hamok/raft alone and lets three processes elect a leader, lose it and elect another.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { makeProject } from './project.mjs';

const DEADLINE_IN_MS = 30_000;

export const checkElector = async (directory, packed) => {
  makeProject(directory, packed, { names: ['@hamok/raft'], files: join(import.meta.dirname, 'elector') });
  for (const other of ['@hamok/transport', '@hamok/collections', '@hamok/snapshot', 'hamok'])
    if (existsSync(join(directory, 'node_modules', other))) throw new Error(`@hamok/raft brought ${other} with it`);

  const grid = new Grid(join(directory, 'member.mjs'), ['a', 'b', 'c']);
  try {
    const first = await grid.agreement();
    console.log(`${first} leads, the others name it`);

    await grid.kill(first);
    const second = await grid.agreement();
    if (second === first) throw new Error(`${first} was killed, yet is named the leader`);
    console.log(`${first} was killed: ${second} leads, the other names it`);

    const codes = await grid.stop();
    if (codes.some((code) => code !== 0))
      throw new Error(`the survivors ended with exit codes ${JSON.stringify(codes)}`);
    console.log('the survivors stopped and ended by themselves');
  } finally {
    grid.killAll();
  }
};

/** Member processes and the connections between them. */
class Grid {
  #members = new Map();
  #open = new Set();
  #reports = new Map();
  #changed = () => {};

  constructor(program, ids) {
    for (const id of ids) {
      const member = fork(program, [id, ...ids], { serialization: 'advanced' });
      this.#members.set(id, member);
      member.on('message', (message) => this.#receive(id, message));
      member.once('exit', () => this.#lost(id));
    }
  }

  /** Resolves with the leader's id once exactly one member leads and every other member names it. */
  agreement() {
    return new Promise((resolve, reject) => {
      const reports = () => [...this.#members.keys()].map((id) => ({ id, ...this.#reports.get(id) }));
      const fail = (reason) => reject(new Error(`${reason}: ${JSON.stringify(reports())}`));
      const deadline = setTimeout(fail, DEADLINE_IN_MS, 'no agreement');
      this.#changed = (lost) => {
        const leaders = reports().filter(({ state }) => state === 'leader');
        const agreed = leaders.length === 1 && reports().every(({ leaderId }) => leaderId === leaders[0].id);
        if (!agreed && lost === undefined) return;
        clearTimeout(deadline);
        if (lost === undefined) resolve(leaders[0].id);
        else fail(`${lost} ended by itself`);
      };
      this.#changed();
    });
  }

  async kill(id) {
    const member = this.#members.get(id);
    this.#changed = () => {};
    member.kill('SIGKILL');
    await once(member, 'exit');
  }

  /** Asks every member to stop and resolves with their exit codes; one that stays alive is killed, and its code is null. */
  stop() {
    this.#changed = () => {};
    return Promise.all(
      [...this.#members].map(async ([id, member]) => {
        const deadline = setTimeout(() => member.kill('SIGKILL'), DEADLINE_IN_MS);
        const ended = once(member, 'exit');
        this.#send(id, { type: 'stop' });
        const [code] = await ended;
        clearTimeout(deadline);
        return code;
      }),
    );
  }

  killAll() {
    for (const member of this.#members.values()) member.kill('SIGKILL');
  }

  #receive(id, message) {
    if (message.type === 'frame') this.#send(message.to, { type: 'frame', from: id, frame: message.frame });
    if (message.type === 'open') this.#connect(id);
    if (message.type === 'report') {
      this.#reports.set(id, message);
      this.#changed();
    }
  }

  #connect(id) {
    for (const other of this.#open) {
      this.#send(other, { type: 'connected', from: id });
      this.#send(id, { type: 'connected', from: other });
    }
    this.#open.add(id);
  }

  #lost(id) {
    this.#members.delete(id);
    this.#open.delete(id);
    for (const other of this.#open) this.#send(other, { type: 'disconnected', from: id });
    this.#changed(id);
  }

  /** What is sent to a process that has just ended is lost, as over any connection: its exit may be heard of later. */
  #send(id, message) {
    this.#members.get(id)?.send(message, (_lost) => {});
  }
}
