import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const here = fileURLToPath(new URL('.', import.meta.url));
/** Made anew by each run, and ignored as all that is built. */
const built = join(here, 'dist');

/** A program that a document shows. */
export interface CodeBlock {
  readonly text: string;
  /** Of the document, from 1. */
  readonly line: number;
  /** The file of a module that exports the program as a function of what its reader has at hand. */
  readonly module: string;
}

/**
 * Makes modules of the programs in a document, those of `js` apart from those of `ts`, for which types are checked more strictly. What
 * they use and do not declare is exported by the module of that name in `surroundings`. A statement with a comment that begins with
 * a value, as `map.get('visits'); // 2`, has to give that value.
 */
export function buildCodeBlocks(document: string, surroundings: string): CodeBlock[] {
  const lines = readFileSync(join(root, document), 'utf8').split('\n');
  const given = readFileSync(join(here, 'surroundings', `${surroundings}.ts`), 'utf8');
  const namesOf = (what: RegExp): string[] => [...given.matchAll(what)].map(([, name = '']) => name);
  const values = namesOf(/^export (?:declare )?(?:const|class) (\w+)/gm);
  const types = namesOf(/^export interface (\w+)/gm);
  const blocks: CodeBlock[] = [];
  for (let at = 0; at < lines.length; at++) {
    const [, language] = lines[at]?.match(/^```(js|ts)$/) ?? [];
    if (language === undefined) continue;
    const program = lines.slice(at + 1, lines.indexOf('```', at));
    const imports = program.filter((line) => line.startsWith('import '));
    const imported = new Set(imports.flatMap((line) => line.match(/\{.*\}/)?.[0].match(/\w+/g) ?? []));
    const names = values.filter((name) => !imported.has(name));
    const module = join(built, language, `${surroundings}-${at + 1}.ts`);
    mkdirSync(dirname(module), { recursive: true });
    writeFileSync(
      module,
      [
        ...imports,
        `import type * as Given from '../../surroundings/${surroundings}.js';`,
        `import type { ${types.join(', ')} } from '../../surroundings/${surroundings}.js';`,
        `type Same = (actual: unknown, stated: unknown) => void;`,
        `export default async function ({ ${names.join(', ')} }: typeof Given, same: Same) {{`,
        ...program.filter((line) => !imports.includes(line)).map(checked),
        '}}',
      ].join('\n'),
    );
    blocks.push({ text: program.join('\n'), line: at + 1, module });
  }
  return blocks;
}

export function removeBuilt(): void {
  rmSync(built, { recursive: true, force: true });
}

/** `expression; // value`, where nothing, a comma or a semicolon follows the value. */
function checked(line: string): string {
  const [, expression, value] =
    line.match(/^((?:await )?[\w.]+(?:\(.*\))?); \/\/ (undefined|true|false|\d+|'[^']*'|\{[^}]*\})(?=,|;|$)/) ?? [];
  return expression === undefined ? line : `same(${expression}, ${value});`;
}
