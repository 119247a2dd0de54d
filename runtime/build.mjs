/** Builds dist/: the packages that functions may require, each as one text that is evaluated in the realm of an execution. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';
import { ROOT } from './src/node.mjs';
import { packageText } from './build/packages.mjs';
import { zodText } from './build/zod.mjs';

const DIST = `${ROOT}dist/`;

/** The npm package with that name and its dependencies; a trailing slash distinguishes it from Node's own module. */
async function bufferText() {
  const { outputFiles } = await build({
    stdin: { contents: "module.exports = require('buffer/')", resolveDir: ROOT },
    bundle: true, format: 'cjs', platform: 'neutral', mainFields: ['main'], target: 'esnext', minifyWhitespace: true, minifySyntax: true, write: false,
  });
  return outputFiles[0].text;
}

const MAKERS = {
  buffer: bufferText,
  zod: zodText,
  soap: () => packageText('soap'),
  unzipper: () => packageText('unzipper'),
  botbuilder: () => packageText('botbuilder'),
};

mkdirSync(DIST, { recursive: true });
for (const [name, make] of Object.entries(MAKERS)) writeFileSync(`${DIST}${name}.js`, await make());
