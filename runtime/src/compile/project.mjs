/** Reads the contents of a project: the entries in index.ts. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** An error in the project, with the file in which it is. */
export class CompileError extends Error {
  constructor(file, type, message) {
    super(message);
    this.file = file;
    this.type = type;
  }
}

const IMPORT = /^import\s+['"]\.\/([^'"]+)['"];?/gm;
const FOLDERS = { syncs: 'sync', actions: 'action', 'on-events': 'onEvent' };

function indexed(project) {
  const index = path.join(project, 'index.ts');
  if (!existsSync(index)) throw new CompileError('index.ts', 'missing_index', `${index} does not exist`);
  const files = [...readFileSync(index, 'utf8').matchAll(IMPORT)].map(([, file]) => `${file.replace(/\.js$/, '')}.ts`);
  if (files.length === 0) throw new CompileError('index.ts', 'empty_index', "index.ts imports no function; a line like import './github/syncs/issues.js' names one");
  return files;
}

/**
 * @param {string} project
 * @param {string[]} wanted
 * @returns {{file: string, integration: string, name: string, type: string, source: string}[]}
 */
export function entriesOf(project, wanted) {
  return (wanted.length > 0 ? wanted : indexed(project)).map((file) => entry(project, path.normalize(file)));
}

function entry(project, file) {
  const parts = file.split(path.sep);
  const type = FOLDERS[parts[1]];
  if (parts.length !== 3 || parts[0] === '..' || !type) {
    throw new CompileError(file, 'invalid_path', `${file} is not <integration>/syncs|actions|on-events/<name>.ts`);
  }
  const full = path.join(project, file);
  if (!existsSync(full)) throw new CompileError(file, 'missing_file', `${file} does not exist`);
  return { file, integration: parts[0], name: path.basename(file, '.ts'), type, source: readFileSync(full, 'utf8') };
}
