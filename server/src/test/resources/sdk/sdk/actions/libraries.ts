import crypto from 'node:crypto';
import { createHmac, randomUUID } from 'crypto';
import url from 'url';
import { createAction } from 'nango';
import * as soap from 'soap';
import unzipper from 'unzipper';
import * as botbuilder from 'botbuilder';
import * as z from 'zod';
import { tell } from '../helpers/tell.js';

declare const require: (name: string) => any;

/** §6.1 `require`: the packages functions may use, used. */
const action = createAction({
    description: 'Packages at work',
    input: z.object({ api: z.string() }),
    output: z.any(),
    exec: async (nango, input) => {
        const zip = async () => (await nango.get<any>({ endpoint: '/zip', responseType: 'arraybuffer' })).data;
        const add = async (a: number, b: number) => {
            const client = await soap.createClientAsync(`${input.api}/soap?wsdl`);
            const [result] = await client['AddAsync']({ a, b });
            return result;
        };
        return await tell({
            'crypto: hashes': () => [crypto.createHash('sha256').update('a').update(Buffer.from('b')).digest('hex'), crypto.createHash('md5').update('a').digest('base64')],
            'crypto: hmac': () => createHmac('sha256', 'key').update('text').digest('hex'),
            'crypto: a signature of a webhook': () => {
                const given = createHmac('sha1', 's').update('{}').digest();
                return [crypto.timingSafeEqual(given, createHmac('sha1', 's').update('{}').digest()), crypto.timingSafeEqual(given, Buffer.alloc(20))];
            },
            'crypto: randomness': () => [/^[0-9a-f-]{36}$/.test(randomUUID()), crypto.randomBytes(8).length, crypto.randomBytes(4).toString('hex').length],
            'crypto: signatures': () => {
                const { privateKey, publicKey } = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256', privateKeyEncoding: { type: 'pkcs8', format: 'pem' }, publicKeyEncoding: { type: 'spki', format: 'pem' } } as any) as any;
                const signature = crypto.createSign('SHA256').update('text').sign(privateKey);
                return [crypto.createVerify('SHA256').update('text').verify(publicKey, signature), crypto.createVerify('SHA256').update('other').verify(publicKey, signature)];
            },
            'crypto: ciphers': () => {
                const key = Buffer.alloc(32, 1);
                const iv = Buffer.alloc(12, 2);
                const cipher: any = crypto.createCipheriv('aes-256-gcm', key, iv);
                const sealed = Buffer.concat([cipher.update('secret', 'utf8'), cipher.final()]);
                const decipher: any = crypto.createDecipheriv('aes-256-gcm', key, iv);
                decipher.setAuthTag(cipher.getAuthTag());
                return [sealed.toString('hex').length, decipher.update(sealed, undefined, 'utf8') + decipher.final('utf8')];
            },
            'crypto: keys from passwords': () => crypto.pbkdf2Sync('p', 's', 10, 16, 'sha256').toString('hex').length,
            'url': () => [url.parse('https://a.example/p?q=1').pathname, url.resolve('https://a.example/x/', 'y'), new url.URL('https://b.example').host],
            'node: forms': () => [require('node:crypto') !== undefined, require('node:url').format(new URL('https://a.example/b'))],
            'nango': () => require('nango').createSync({ a: 1 }),
            'zod': () => {
                const schema = z.object({ id: z.string(), at: z.coerce.date(), email: z.email(), kind: z.enum(['a', 'b']).default('a'), tags: z.array(z.string()).optional() }).transform((value) => ({ ...value, at: value.at.toISOString() }));
                const bad = schema.safeParse({ id: 1 });
                return [schema.parse({ id: '1', at: 0, email: 'a@b.example' }), bad.success, bad.error?.issues.map(({ path }) => path.join('.'))];
            },
            'zod: unions and more': () => [
                z.discriminatedUnion('t', [z.object({ t: z.literal('a'), n: z.number() }), z.object({ t: z.literal('b') })]).parse({ t: 'a', n: 1, extra: 1 }),
                z.record(z.string(), z.number()).parse({ a: 1 }), z.looseObject({ a: z.string() }).parse({ a: 'x', b: 1 }), z.union([z.string(), z.null()]).parse(null),
            ],
            'soap: a call': () => add(2, 40),
            'soap: what the service offers': async () => Object.keys((await soap.createClientAsync(`${input.api}/soap?wsdl`)).describe().Sums.SumsPort),
            'soap: a fault': async () => {
                try {
                    return await add(-1, 1);
                } catch (error: any) {
                    return [error instanceof Error, /No negative numbers/.test(error.message)];
                }
            },
            'soap: with callbacks': async () => await new Promise((resolve, reject) => {
                soap.createClient(`${input.api}/soap?wsdl`, (problem: any, client: any) => {
                    if (problem) return reject(problem);
                    client.Add({ a: 1, b: 1 }, (failed: any, result: any) => (failed ? reject(failed) : resolve(result)));
                });
            }),
            'soap: security headers': async () => {
                const client = await soap.createClientAsync(`${input.api}/soap?wsdl`);
                client.setSecurity(new soap.WSSecurity('user', 'pass'));
                client.addSoapHeader({ Tenant: 't' });
                const [result, , , sent] = await client['AddAsync']({ a: 5, b: 6 });
                return [result.sum, /<wsse:Username>user</.test(client.lastRequest ?? ''), /Tenant/.test(client.lastRequest ?? '')];
            },
            'unzipper: files of a Buffer': async () => {
                const directory = await unzipper.Open.buffer(await zip());
                return await Promise.all(directory.files.map(async (file) => [file.path, (await file.buffer()).toString()]));
            },
            'unzipper: a stream': async () => {
                const { data } = await nango.get<any>({ endpoint: '/zip', responseType: 'stream' });
                const names: string[] = [];
                for await (const entry of data.pipe(unzipper.Parse({ forceStream: true }))) {
                    names.push(entry.path);
                    entry.autodrain();
                }
                return names;
            },
            'botbuilder: messages and cards': () => {
                const card = botbuilder.CardFactory.heroCard('Title', 'Text', [], [{ type: 'openUrl', title: 'Open', value: 'https://a.example' }] as any);
                const message = botbuilder.MessageFactory.attachment(card, 'hello');
                return [message.type, message.text, card.contentType, (card.content as any).title, botbuilder.ActivityTypes.Message];
            },
            'what is not allowed': () => (globalThis as any).require('fs'),
            'nor by its other name': () => (globalThis as any).require('node:child_process'),
            'nor a made-up one': () => (globalThis as any).require('left-pad'),
        });
    },
});

export default action;
