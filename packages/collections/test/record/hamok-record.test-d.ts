import { Collections, type HamokRecord, SingleMemberEngine } from '../../src/index.js';

interface Settings {
  name: string;
  limit: number;
}
const collections = new Collections(new SingleMemberEngine());
const record = collections.createRecord<Settings>({ recordId: 'r', initialObject: { limit: 1 } });

export const limit: number | undefined = record.get('limit');
export const instance: Settings = record.instance;
export const previous: Promise<string | undefined> = record.set('name', 'x', { timeoutInMs: 1 });
export const existing: Promise<Partial<Settings> | undefined> = record.insertInstance({ name: 'x' });
export const done: Promise<boolean> = record.updateInstanceIf({ name: 'y' }, { limit: 1 });
export const ready: Promise<HamokRecord<Settings>> = record.ready;

record.on('update', (updated) => {
  // Told apart by its key.
  if (updated.key === 'limit') return updated.newValue + updated.oldValue;
  return updated.newValue.length;
});
record.on('close', () => undefined);

// @ts-expect-error: there is no such field
record.get('other');
// @ts-expect-error: the limit is a number
record.set('limit', '1').catch(() => undefined);
// @ts-expect-error: the limit is a number
record.updateIf('limit', 1, '0').catch(() => undefined);
// @ts-expect-error: there is no such field
record.updateInstanceIf({ other: 1 }, {}).catch(() => undefined);
// @ts-expect-error: there is no such event
record.on('updated', () => undefined);
// @ts-expect-error: a record has an id
collections.createRecord<Settings>({});
// @ts-expect-error: a record is an object
collections.createRecord<string>({ recordId: 'r' });
// @ts-expect-error: the limit is a number
collections.createRecord<Settings>({ recordId: 'r', initialObject: { limit: 'x' } });
