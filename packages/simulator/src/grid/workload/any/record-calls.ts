import { MessageType } from '@hamok/messages';
import { anyRecordOf, fields } from '../collections.js';
import { type Caller, json, type Made, silent } from './made.js';

export function callRecord({ process, random, options, values }: Caller): Made {
  const record = anyRecordOf(process);
  const [field = '', other = ''] = random.shuffled(fields);
  const [value, second] = [values.next(), values.next()];
  const held = record.get(field) ?? second;
  const some = { [field]: value, [other]: second };
  const writing = { ...options, value };
  const [type, inserting] = [MessageType.UPDATE_ENTRIES_REQUEST, MessageType.INSERT_ENTRIES_REQUEST];
  const one = { type, keys: [field], values: [json(value)] };
  const two = { type, keys: [field, other], values: [json(value), json(second)] };
  const changing = {
    type: MessageType.UPDATE_ENTRIES_IF_REQUEST,
    keys: [field, ...two.keys],
    values: [json(held), ...two.values],
    expectedEntries: 1,
  };
  const calls: readonly (() => Made)[] = [
    () => [`set(${field}, ${value})`, record.set(field, value, options), writing, one],
    () => [`insert(${field}, ${value})`, record.insert(field, value, options), writing, { ...one, type: inserting }],
    () => [
      `updateIf(${field}, ${value}, ${held})`,
      record.updateIf(field, value, held, options),
      writing,
      { ...one, prevValue: json(held) },
    ],
    () => [
      `delete(${field})`,
      record.delete(field, options),
      options,
      { type: MessageType.DELETE_ENTRIES_REQUEST, keys: [field] },
    ],
    () => [
      `insertInstance(${Object.entries(some)})`,
      record.insertInstance(some, options),
      writing,
      { ...two, type: inserting },
    ],
    () => [
      `updateInstanceIf(${Object.entries(some)}, ${held})`,
      record.updateInstanceIf(some, { [field]: held }, options),
      writing,
      changing,
    ],
    () => ['clear()', record.clear(options), options, { type: MessageType.CLEAR_ENTRIES_REQUEST }],
    () => ['import(export())', silent(record.import(record.export(), options))],
  ];
  return random.pick(calls)?.() ?? ['nothing', Promise.resolve()];
}
