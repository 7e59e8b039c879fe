import { Collections, createRichCodec, type HamokEmitter, SingleMemberEngine } from '../../src/index.js';

interface Events {
  joined: [name: string, at: number];
  left: [];
}
const collections = new Collections(new SingleMemberEngine());
const emitter = collections.createEmitter<Events, { role: string }>({ emitterId: 'e', codec: createRichCodec() });
const anything = collections.createEmitter({ emitterId: 'any' });

export const delivered: Promise<string[]> = emitter.publish('joined', 'Ada', 1);
export const handed: boolean = emitter.notify('left');
export const same: boolean = emitter.emit('joined', 'Ada', 1);
export const ready: Promise<HamokEmitter<Events, { role: string }>> = emitter.ready;
export const role: string | undefined = emitter.subscriptions.getEventPeersMap('left').get('a')?.role;
export const free: Promise<string[]> = anything.publish('whatever', 1, 'two');

export const subscribed: Promise<void> = emitter.subscribe('joined', (name: string, at: number) => [name, at], {
  role: 'r',
});
emitter.on('missed', (event: 'joined' | 'left', count: number | undefined) => [event, count]);
emitter.subscriptions.on('added', (event: 'joined' | 'left', peerId: string, metaData: { role: string } | null) => [
  event,
  peerId,
  metaData,
]);

// @ts-expect-error: there is no such event
emitter.publish('gone').catch(() => undefined);
// @ts-expect-error: an argument is missing
emitter.publish('joined', 'Ada').catch(() => undefined);
// @ts-expect-error: the second argument is a number
emitter.notify('joined', 'Ada', 'late');
// @ts-expect-error: it has no arguments
emitter.subscribe('left', (name: string) => name).catch(() => undefined);
// @ts-expect-error: the metadata has a role
emitter.subscribe('left', () => undefined, { name: 'x' }).catch(() => undefined);
// @ts-expect-error: the role is a string
emitter.updateSubscriptionMetaData('left', { role: 1 }).catch(() => undefined);
// @ts-expect-error: there is no such event of the emitter itself
emitter.on('joined', () => undefined);
// @ts-expect-error: an emitter has an id
collections.createEmitter<Events>({});
// @ts-expect-error: the arguments of an event are a list
collections.createEmitter<{ joined: string }>({ emitterId: 'e' });
