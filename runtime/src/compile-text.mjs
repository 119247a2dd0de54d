/** The process behind compile/text.mjs: a request on stdin, the result on stdout, JSON both ways. */
import { text } from 'node:stream/consumers';
import { compileText } from './compile/text.mjs';

process.stdout.write(JSON.stringify(await compileText(JSON.parse(await text(process.stdin)))));
