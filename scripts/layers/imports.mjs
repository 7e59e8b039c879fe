// What a module imports, read from its syntax tree: statements, `export from`, `import()`, `require()` and types alike.
import { parseSync, Visitor } from 'oxc-parser';

/**
 * @typedef {object} Import
 * @property {string | undefined} specifier undefined where it is computed at run time
 * @property {boolean} typeOnly erased by the compiler: it asks for nothing at run time
 * @property {number} line
 */

/** @returns {Import[]} */
export const importsOf = (path, source) => {
  const { program, errors } = parseSync(path, source);
  if (errors.length > 0) throw new SyntaxError(`${path}: ${errors[0].message}`);

  const imports = [];
  const add = (node, request, typeOnly) => {
    const line = source.slice(0, node.start).split('\n').length;
    imports.push({ specifier: literalOf(request), typeOnly, line });
  };
  // `import { type A } from` is left as `import {} from` by verbatimModuleSyntax: only a `type` on the whole statement erases it.
  const statement = (node) => {
    if (node.source) add(node, node.source, (node.importKind ?? node.exportKind) === 'type');
  };
  new Visitor({
    ImportDeclaration: statement,
    ExportNamedDeclaration: statement,
    ExportAllDeclaration: statement,
    ImportExpression: (node) => add(node, node.source, false),
    TSImportType: (node) => add(node, node.source, true),
    TSExternalModuleReference: (node) => add(node, node.expression, false),
    CallExpression: (node) => {
      if (node.callee.type === 'Identifier' && node.callee.name === 'require') add(node, node.arguments[0], false);
    },
  }).visit(program);
  return imports;
};

const literalOf = (node) => {
  if (node?.type === 'Literal' && typeof node.value === 'string') return node.value;
  if (node?.type === 'TemplateLiteral' && node.expressions.length === 0) return node.quasis[0].value.cooked;
  return undefined;
};
