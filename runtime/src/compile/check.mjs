/** Checks the text of a function before it is bundled. */
import { SourceMap } from 'node:module';
import { parse } from 'acorn';
import { ancestor } from 'acorn-walk';
import { transform } from 'esbuild';
import { checkOrder, nangoCall } from './order.mjs';
import { CompileError } from './project.mjs';

export const PACKAGES = ['zod', 'url', 'node:url', 'crypto', 'node:crypto', 'unzipper', 'soap', 'botbuilder'];
const IMPORTABLE = new Set(['nango', 'nango/experimental', ...PACKAGES]);
const CREATORS = new Set(['createSync', 'createAction', 'createOnEvent']);
const AWAITED = new Set([
  'batchDelete', 'batchSave', 'batchSend', 'delete', 'deleteRecordsFromPreviousExecutions', 'get', 'getConnection',
  'getEnvironmentVariables', 'getFieldMapping', 'getMetadata', 'log', 'patch', 'post', 'proxy', 'put', 'setFieldMapping',
  'setMergingStrategy', 'setMetadata', 'trackDeletesEnd', 'trackDeletesStart', 'triggerAction',
]);

/** The text without its types, and a function that maps a position in it to the author's line. */
async function stripped({ file, source }) {
  try {
    const { code, map } = await transform(source, {
      loader: 'ts', target: 'esnext', sourcefile: file, sourcemap: true, logLevel: 'silent',
      tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } }, // keep all imports except those of types
    });
    return { tree: parse(code, { ecmaVersion: 'latest', sourceType: 'module', locations: true }), map: new SourceMap(JSON.parse(map)) };
  } catch {
    return undefined; // the bundler's messages about syntax errors are better
  }
}

/**
 * @param {{file: string, source: string}} entry
 * @throws {CompileError} for the first thing that is wrong
 */
export async function check(entry) {
  const found = await stripped(entry);
  if (!found) return;
  const { tree, map } = found;
  const place = (node) => map.findEntry(node.loc.start.line - 1, node.loc.start.column) ?? {};
  const refuse = (node, type, message) => {
    const { originalLine = 0, originalColumn = 0 } = place(node);
    throw new CompileError(entry.file, type, `${entry.file}:${originalLine + 1}:${originalColumn + 1}: ${message}`);
  };
  checkImports(tree, refuse);
  const definition = definitionOf(tree, refuse);
  checkCalls(tree, refuse);
  checkOrder(definition, (node) => place(node).originalLine ?? 0, refuse);
}

function checkImports(tree, refuse) {
  for (const node of tree.body) {
    const name = node.source?.value;
    if (name !== undefined && !name.startsWith('.') && !IMPORTABLE.has(name)) {
      refuse(node, 'disallowed_import', `'${name}' cannot be imported; functions may import ${[...IMPORTABLE].join(', ')} and relative files`);
    }
  }
}

const isNamedExport = (node) => node.type === 'ExportNamedDeclaration' && !node.source
  && (node.specifiers.length > 0 || node.declaration?.type === 'FunctionDeclaration' || (node.declaration?.type === 'VariableDeclaration' && !isEnum(node.declaration)));

/** The result of removing the types from an enum: `var E = ((E2) => …)(E || {})`. */
function isEnum({ kind, declarations: [{ id, init }] }) {
  const [start] = init?.type === 'CallExpression' ? init.arguments : [];
  return kind === 'var' && start?.type === 'LogicalExpression' && start.left.name === id.name;
}

/** The object literal that is passed to the create helper in the module's export. */
function definitionOf(tree, refuse) {
  let exported;
  for (const node of tree.body) {
    if (node.type === 'ExportDefaultDeclaration') exported = node;
    if (isNamedExport(node)) {
      refuse(node, 'nango_named_export_not_allowed', 'The file of a function has one export, `export default`; types, classes and enums may be exported besides');
    }
  }
  if (!exported) return refuse({ loc: { start: { line: 1, column: 0 } } }, 'nango_invalid_default_export', 'The default export must be a createSync, createAction or createOnEvent call');
  const call = exported.declaration.type === 'Identifier' ? bound(tree, exported.declaration.name) : exported.declaration;
  const creates = call?.type === 'CallExpression' && call.callee.type === 'Identifier' && CREATORS.has(call.callee.name);
  if (!creates) refuse(exported, 'nango_unsupported_export', 'The default export must be a createSync, createAction or createOnEvent call, or a constant bound to one');
  const [definition] = call.arguments;
  if (definition?.type !== 'ObjectExpression') refuse(call, 'nango_invalid_function_param', `${call.callee.name} takes an object literal`);
  return definition;
}

function bound(tree, name) {
  return tree.body.flatMap((node) => (node.type === 'VariableDeclaration' ? node.declarations : [])).find(({ id }) => id.name === name)?.init;
}

const handled = (parent) => ['AwaitExpression', 'ReturnStatement'].includes(parent.type)
  || (parent.type === 'MemberExpression' && ['then', 'catch'].includes(parent.property.name));

function checkCalls(tree, refuse) {
  ancestor(tree, {
    CallExpression(node, _, ancestors) {
      const method = nangoCall(node);
      if (!method) return;
      if (AWAITED.has(method) && !ancestors.some(handled)) refuse(node, 'method_need_await', `nango.${method}() must be awaited`);
      const [first] = node.arguments;
      const keys = first?.type === 'ObjectExpression' ? first.properties.map(({ key }) => key?.name) : [];
      if (keys.includes('retryOn') && !keys.includes('retries')) refuse(first, 'retryon_need_retries', 'retryOn has no effect without retries');
    },
  });
}
