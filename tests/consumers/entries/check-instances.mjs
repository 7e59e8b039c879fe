// Loads every entry point by `import` and by `require()`, and fails where the two are not the same objects.
// usage: node check-instances.mjs <import-first | require-first> <entry point ...>
import load from './load.cjs';

const [order, ...ids] = process.argv.slice(2);
const here = new URL('node_modules/', import.meta.url).href;
let wrong = 0;
let names = 0;

for (const id of ids) {
  const early = order === 'require-first' ? load(id) : undefined;
  const imported = await import(id);
  const required = early ?? load(id);

  if (!import.meta.resolve(id).startsWith(here)) wrong += fail(`${id} is resolved outside this project`);
  if (Object.keys(imported).join() !== Object.keys(required).join())
    wrong += fail(`${id} exports other names by require()`);
  for (const name of Object.keys(imported)) {
    names++;
    if (imported[name] !== required[name]) wrong += fail(`${id}: ${name} is another object by require()`);
  }
}

function fail(text) {
  console.error(text);
  return 1;
}

console.log(`${order}: ${ids.length} entry points, ${names} exports, ${wrong} wrong`);
process.exitCode = wrong === 0 ? 0 : 1;
