import { HamokMessage } from '@hamok/messages';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Hamok, type HamokConfig } from '../src/index.js';
import { noUnhandledRejections } from './support/unhandled.js';
import { seeded, VirtualTime } from './support/virtual-time.js';

noUnhandledRejections();

type Form = 'messages' | 'bytes';

let time: VirtualTime;
let members: Hamok[];
let errors: Error[];

beforeEach(() => {
  time = new VirtualTime();
  members = [];
  errors = [];
});

afterEach(async () => {
  await Promise.all(members.map((member) => member.close({ leave: false })));
  time.stop();
});

function member(peerId: string, config: Partial<HamokConfig> = {}): Hamok {
  const created = new Hamok({ peerId, clock: time, random: seeded(peerId.charCodeAt(0)), ...config });
  created.on('error', (error) => errors.push(error));
  members.push(created);
  return created;
}

/** What the readme tells programs to do, with the connections left out. */
function connect(form: Form = 'messages'): void {
  for (const from of members) {
    from.on('message', (message) => {
      for (const to of members) {
        if (to === from || (message.destinationId ?? to.localPeerId) !== to.localPeerId) continue;
        to.accept(form === 'bytes' ? message.toBinary() : message);
      }
    });
  }
}

describe.each<Form>(['messages', 'bytes'])('over message and accept, by %s', (form) => {
  it('members that know of nobody find each other, and share a map', async () => {
    const [a, b, c] = ['a', 'b', 'c'].map((id) => member(id));
    connect(form);
    await Promise.all(members.map((each) => each.join()));
    const map = a?.createMap<string, number>({ mapId: 'm' });
    expect(await map?.set('k', 1)).toBeUndefined();
    expect(await b?.createMap<string, number>({ mapId: 'm' }).set('k', 2)).toBe(1);
    await c?.waitUntilCommitHead();
    expect(c?.createMap<string, number>({ mapId: 'm' }).get('k')).toBe(2);
    expect(members.filter(({ leader }) => leader)).toHaveLength(1);
    expect(errors).toEqual([]);
  });

  it('a member stops and starts again', async () => {
    const [a] = ['a', 'b', 'c'].map((id) => member(id, { peers: ['a', 'b', 'c'] }));
    connect(form);
    await Promise.all(members.map((each) => each.join()));
    const map = a?.createMap<string, number>({ mapId: 'm' });
    await map?.set('k', 1);
    await a?.stop();
    await a?.join();
    expect(await map?.set('k', 2)).toBe(1);
  });
});

describe('over message and accept', () => {
  it('members begin with those that were named', async () => {
    const [a, b] = [member('a'), member('b')];
    a.addRemotePeerId('b');
    b.addRemotePeerId('a');
    b.addRemotePeerId('b');
    b.addRemotePeerId('x');
    b.removeRemotePeerId('x');
    expect([...b.remotePeerIds]).toEqual(['a']);
    connect();
    const began = time.now();
    await Promise.all([a.join(), b.join()]);
    // No discovery time was waited for.
    expect(time.now() - began).toBeLessThan(4000);
  });

  it('a listener that throws does no harm, and is told of', async () => {
    ['a', 'b'].map((id) => member(id, { peers: ['a', 'b'] }));
    for (const each of members)
      each.on('message', () => {
        throw new Error('no connection');
      });
    connect();
    for (const each of members) {
      const [throwing, carrying] = each.listeners('message');
      each.removeAllListeners('message');
      if (carrying) each.on('message', carrying);
      if (throwing) each.on('message', throwing);
    }
    await Promise.all(members.map((each) => each.join()));
    await members[0]?.createMap({ mapId: 'm' }).set('k', 1);
    expect(errors[0]).toMatchObject({ code: 'listener', cause: { message: 'no connection' } });
  });

  it('goes on under what is no message', async () => {
    const [a] = ['a', 'b'].map((id) => member(id, { peers: ['a', 'b'] }));
    connect();
    await Promise.all(members.map((each) => each.join()));
    const random = seeded(7);
    const wrong: unknown[] = ['text', 7, undefined, {}, new Uint8Array(17 * 1024 * 1024), new HamokMessage()];
    for (let i = 0; i < 200; i++)
      wrong.push(Uint8Array.from({ length: Math.floor(random() * 64) }, () => random() * 256));
    for (const input of wrong) a?.accept(input as Uint8Array);
    await a?.createMap({ mapId: 'm' }).set('k', 1);
    expect(errors.filter((error) => Reflect.get(error, 'code') === 'bad-input')).toHaveLength(5);
    expect(errors.every((error) => typeof Reflect.get(error, 'code') === 'string')).toBe(true);
  });

  it('what comes before the start, or after the end, is ignored', async () => {
    const a = member('a', { peers: ['a'] });
    a.accept(new Uint8Array([255]));
    await a.join();
    await a.close();
    a.accept(new Uint8Array([255]));
    expect(errors).toEqual([]);
  });

  it('a second live process with the id of a member does not get in, and both are told', async () => {
    const [a, b] = ['a', 'b'].map((id) => member(id, { peers: ['a', 'b'] }));
    connect();
    await Promise.all([a?.join(), b?.join()]);
    const told: unknown[] = [];
    b?.on('error', (error) => told.push(Reflect.get(error, 'code')));
    const second = member('b', { peers: ['a', 'b'] });
    for (const each of members) each.removeAllListeners('message');
    connect();
    const params = { fetchRemotePeerTimeoutInMs: 1000, maxRetry: 1 };
    await expect(second.join(params)).rejects.toMatchObject({ code: 'duplicate-member' });
    expect(told).toEqual(['duplicate-member']);
    await b?.createMap({ mapId: 'm' }).set('k', 1);
  });

  it('nobody hands messages to a member with a transport', async () => {
    const { MemoryNetwork } = await import('@hamok/transport/memory');
    const a = member('a', { peers: ['a'], transport: new MemoryNetwork({ clock: time }).transport() });
    a.on('message', () => errors.push(new Error('told')));
    await a.join();
    expect(() => a.accept(new HamokMessage())).toThrow(expect.objectContaining({ code: 'configuration' }));
    expect(errors).toEqual([]);
  });
});
