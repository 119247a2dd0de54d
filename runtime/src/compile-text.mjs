/** The process behind compile/text.mjs: reads a request from stdin and writes the result to stdout, both as JSON. */
import { text } from 'node:stream/consumers';
import { compileText } from './compile/text.mjs';

process.stdout.write(JSON.stringify(await compileText(JSON.parse(await text(process.stdin)))));
