import { MessageType } from '@hamok/messages';
import type { HeldItem } from 'hamok';
import type { Process } from '../../world/process.js';
import { anyQueueOf } from '../collections.js';
import { type Caller, json, type Made, silent } from './made.js';

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
  const pushing = { type: MessageType.INSERT_ENTRIES_REQUEST, values: items.map(json) };
  const taking = { leaseInMs: ms, maxDeliveries: 2 };
  const calls: readonly (() => Made)[] = [
    () => [`push(${item})`, silent(queue.push(item)), { value: item }, { ...pushing, values: [json(item)] }],
    () => [`push(${items})`, queue.pushAll(items, options), { ...options, value: item }, pushing],
    () => [
      `push(${items}, ${ms})`,
      queue.pushAll(items, late),
      { ...options, value: item },
      { ...pushing, delayInMs: ms },
    ],
    () => [
      `push(${items}, ${dedupId})`,
      queue.pushAll(items, once),
      options,
      { ...pushing, dedupId, ttlInMs: 10 * ms },
    ],
    () => [`push(${items}, ${ms}) in parts`, queue.pushAll(items, { ...late, atomic: false })],
    () => ['pop()', queue.pop(options), options, { type: MessageType.REMOVE_ENTRIES_REQUEST }],
    () => ['wait()', queue.dequeue({ ...waiting, wait: true }), waiting, { type: MessageType.QUEUE_WAIT_REQUEST }],
    () => [
      `take(${ms})`,
      keep(process, queue.take({ ...options, ...visible, wait: false })),
      options,
      { type: MessageType.QUEUE_TAKE_REQUEST, ...taking },
    ],
    () => [
      `take(${ms}) waiting`,
      keep(process, queue.take({ ...waiting, ...visible })),
      waiting,
      { type: MessageType.QUEUE_WAIT_REQUEST, ...taking },
    ],
    () => finish(caller, ms),
    () => finish(caller, ms),
    () => finish(caller, ms),
    () => [
      'drainDeadLetters()',
      queue.drainDeadLetters(options),
      options,
      { type: MessageType.QUEUE_DRAIN_DEAD_LETTERS_REQUEST },
    ],
    () => (random.chance(0.3) ? ['clear()', queue.clear(options)] : ['pop()', queue.pop(options)]),
    () => (random.chance(0.5) ? ['import(export())', queue.import(queue.export(), options)] : finish(caller, ms)),
  ];
  return random.pick(calls)?.() ?? ['nothing', Promise.resolve()];
}

/** Resolves with the item, and how often it was delivered. */
async function keep(
  process: Process,
  taking: Promise<HeldItem<string> | undefined>,
): Promise<readonly [item: string, deliveries: number] | undefined> {
  const taken = await taking;
  if (taken) held.set(process, [...(held.get(process) ?? []), taken]);
  return taken && [taken.item, taken.deliveries];
}

/** Says of something that it holds, or held, what is to become of it, now and then a second time. */
function finish({ process, random, options }: Caller, ms: number): Made {
  const items = held.get(process) ?? [];
  const item = random.pick(items);
  if (!item) return ['take()', keep(process, anyQueueOf(process).take({ ...options, wait: false }))];
  if (random.chance(0.7)) items.splice(items.indexOf(item), 1);
  const giving = { type: MessageType.QUEUE_RETURN_REQUEST };
  const calls: readonly (() => Made)[] = [
    () => [`ack(${item.item})`, item.ack(options), options, { type: MessageType.QUEUE_ACKNOWLEDGE_REQUEST }],
    () => [`nack(${item.item})`, item.nack(0, options), options, { ...giving, delayInMs: 0 }],
    () => [`nack(${item.item}, ${ms})`, item.nack(ms, options), options, { ...giving, delayInMs: ms }],
    () => [
      `extend(${item.item}, ${ms})`,
      item.extend(ms, options),
      options,
      { type: MessageType.QUEUE_EXTEND_REQUEST, leaseInMs: ms },
    ],
  ];
  return random.pick(calls)?.() ?? ['nothing', Promise.resolve()];
}
