import { Collections, type HamokQueue, type HeldItem, SingleMemberEngine } from '../src/index.js';

const collections = new Collections(new SingleMemberEngine());
const queue = collections.createQueue<{ job: string }>({ queueId: 'q' });
const inferred = collections.createQueue({ queueId: 'n', baseMap: new Map([[0, { b: 1 }]]) });

export const popped: Promise<{ job: string } | undefined> = queue.pop({ timeoutInMs: 1 });
export const waited: Promise<{ job: string }> = queue.pop({ wait: true, signal: new AbortController().signal });
export const dequeued: Promise<{ job: string }> = queue.dequeue({ wait: true });
export const held: Promise<HeldItem<{ job: string }>> = queue.take({ visibilityTimeoutInMs: 1000 });
export const maybeHeld: Promise<HeldItem<{ job: string }> | undefined> = queue.take({ wait: false });
export const pushed: Promise<void> = queue.push({ job: 'a' }, { job: 'b' });
export const made: Promise<boolean> = queue.pushAll([{ job: 'a' }], { delayInMs: 5, dedupId: 'x' });
export const first: string | undefined = queue.peek()?.job;
export const inner: number | undefined = inferred.peek()?.b;
export const ready: Promise<HamokQueue<{ job: string }>> = queue.ready;
export const all: { job: string }[] = [...queue];

queue.on('add', (item: { job: string }) => item.job);
queue.on('not-empty', () => undefined);
queue.on('dead-letter', (item: { job: string }, deliveries: number) => [item, deliveries]);
// @ts-expect-error: there is no such event
queue.on('added', () => undefined);
// @ts-expect-error: the item is an object
queue.on('remove', (item: string) => item);
// @ts-expect-error: the item is an object
queue.push('a').catch(() => undefined);
// @ts-expect-error: who does not wait may get nothing
export const wrong: Promise<{ job: string }> = queue.pop();
// @ts-expect-error: nor may who takes without waiting
export const wrongHeld: Promise<HeldItem<{ job: string }>> = queue.take({ wait: false });
// @ts-expect-error: a queue has an id
collections.createQueue<number>({});
const texts = { encode: (text: string) => new TextEncoder().encode(text), decode: () => '' };
// @ts-expect-error: the codec is for strings
collections.createQueue<number>({ queueId: 'q', codec: texts });
