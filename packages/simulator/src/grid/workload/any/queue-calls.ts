import type { HeldItem } from 'hamok';
import type { Process } from '../../world/process.js';
import { anyQueueOf } from '../collections.js';
import type { Caller, Made } from './made.js';

const times = [1, 200, 1500];
const dedupIds = ['once', 'twice', 'thrice'];

/** What each process has taken and not finished. */
const held = new WeakMap<Process, HeldItem<string>[]>();

export function callQueue(caller: Caller): Made {
  const { process, random, options, values } = caller;
  const queue = anyQueueOf(process);
  const items = [values.next(), values.next()];
  const [item = ''] = items;
  const ms = random.pick(times) ?? 1;
  const dedupId = random.pick(dedupIds) ?? '';
  const waiting = { timeoutInMs: random.between(50, 3000), ...options };
  const late = { ...options, delayInMs: ms };
  const once = { ...options, dedupId, dedupRetentionInMs: 10 * ms };
  const visible = { visibilityTimeoutInMs: ms };
  const calls: readonly (() => Made)[] = [
    () => [`push(${item})`, queue.push(item), { value: item }],
    () => [`push(${items})`, queue.pushAll(items, options), { ...options, value: item }],
    () => [`push(${items}, ${ms})`, queue.pushAll(items, late), { ...options, value: item }],
    () => [`push(${items}, ${dedupId})`, queue.pushAll(items, once)],
    () => [`push(${items}, ${ms}) in parts`, queue.pushAll(items, { ...late, atomic: false })],
    () => ['pop()', queue.pop(options)],
    () => ['wait()', queue.dequeue({ ...waiting, wait: true }), waiting],
    () => [`take(${ms})`, keep(process, queue.take({ ...options, ...visible, wait: false }))],
    () => [`take(${ms}) waiting`, keep(process, queue.take({ ...waiting, ...visible })), waiting],
    () => finish(caller, ms),
    () => finish(caller, ms),
    () => finish(caller, ms),
    () => ['drainDeadLetters()', queue.drainDeadLetters(options)],
    () => (random.chance(0.3) ? ['clear()', queue.clear(options)] : ['pop()', queue.pop(options)]),
    () => (random.chance(0.5) ? ['import(export())', queue.import(queue.export(), options)] : finish(caller, ms)),
  ];
  return random.pick(calls)?.() ?? ['nothing', Promise.resolve()];
}

async function keep(process: Process, taking: Promise<HeldItem<string> | undefined>): Promise<string | undefined> {
  const taken = await taking;
  if (taken) held.set(process, [...(held.get(process) ?? []), taken]);
  return taken?.item;
}

/** Says of something that it holds, or held, what is to become of it, now and then a second time. */
function finish({ process, random, options }: Caller, ms: number): Made {
  const items = held.get(process) ?? [];
  const item = random.pick(items);
  if (!item) return ['take()', keep(process, anyQueueOf(process).take({ ...options, wait: false }))];
  if (random.chance(0.7)) items.splice(items.indexOf(item), 1);
  const calls: readonly (() => Made)[] = [
    () => [`ack(${item.item})`, item.ack(options)],
    () => [`nack(${item.item})`, item.nack(0, options)],
    () => [`nack(${item.item}, ${ms})`, item.nack(ms, options)],
    () => [`extend(${item.item}, ${ms})`, item.extend(ms, options)],
  ];
  return random.pick(calls)?.() ?? ['nothing', Promise.resolve()];
}
