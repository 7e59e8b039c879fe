import { equal } from './check.js';

/** What replicated and remote maps have in common here. */
interface ConditionalMap {
  set(key: string, value: number): Promise<unknown>;
  updateIf(key: string, value: number, oldValue: number): Promise<boolean>;
  removeIf(key: string, oldValue: number): Promise<boolean>;
  delete(key: string): Promise<boolean>;
  remove(key: string): Promise<boolean>;
}

/** Those that are made are answered by true, and those that are not by false, whoever asks. */
export async function checkConditionalChanges(first: ConditionalMap, last: ConditionalMap): Promise<void> {
  await first.set('a', 1);
  equal(await last.updateIf('a', 2, 9), false, 'updateIf, another value');
  equal(await last.updateIf('a', 2, 1), true, 'updateIf');
  equal(await last.updateIf('x', 2, 1), false, 'updateIf, no key');
  equal(await last.removeIf('a', 1), false, 'removeIf, another value');
  equal(await last.removeIf('a', 2), true, 'removeIf');
  equal(await last.removeIf('a', 2), false, 'removeIf, no key');
  equal([await first.delete('a'), await first.remove('a')], [false, false], 'nothing there');
  await first.set('b', 0);
  equal([await first.delete('b'), await first.delete('b')], [true, false], 'delete of a falsy value');
  await first.set('b', 0);
  equal([await first.remove('b'), await first.remove('b')], [true, false], 'remove of a falsy value');
}
