// Hashes and signatures that APIs ask for.
// expects: {"md5":"b58996c504c5638798eb6b511e6f49af","hmac":"2cd66ae256b3f527185a7bc5e3f58d52","equal":true,"uuid":true,"basic":"dXNlcjpwYXNz","urlsafe":"-_-_","random":16,"sha":"ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0"}
const crypto = require('crypto');
const { createHash, createHmac, randomUUID, timingSafeEqual } = require('node:crypto');
exports.default = {
  type: 'action',
  exec: async () => {
    const hmac = createHmac('sha256', Buffer.from('secret')).update('2024-01-01').update(JSON.stringify({ a: 1 })).digest('hex');
    const again = crypto.createHmac('sha256', 'secret').update('2024-01-01{"a":1}').digest();
    return {
      md5: createHash('md5').update('user@example.com'.toLowerCase()).digest('hex'),
      hmac: hmac.slice(0, 32),
      equal: timingSafeEqual(Buffer.from(hmac, 'hex'), again),
      uuid: /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(randomUUID()),
      basic: Buffer.from('user:pass').toString('base64'),
      urlsafe: Buffer.from([0xfb, 0xff, 0xbf]).toString('base64url'),
      random: crypto.randomBytes(8).toString('hex').length,
      sha: createHash('sha256').update('abc').digest('base64url'),
    };
  },
};
