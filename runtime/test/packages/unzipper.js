// Runs in both realms. Each scenario gets the package and answers something JSON can hold.
((tools) => {
  const { Buffer, zips } = tools;
  const bytes = Object.fromEntries(Object.entries(zips).map(([name, hex]) => [name, Buffer.from(hex, 'hex')]));
  const shown = async (file) => [
    file.path, file.type, file.compressionMethod, file.compressedSize, file.uncompressedSize, file.lastModifiedDateTime, file.isUnicode, (await file.buffer()).toString().slice(0, 40),
  ];
  const opened = async (unzipper, name) => {
    const { comment, numberOfRecords, files } = await unzipper.Open.buffer(bytes[name]);
    return { comment, numberOfRecords, files: await Promise.all(files.map(shown)) };
  };
  const failed = async (work) => {
    try {
      return { answered: await work() };
    } catch (error) {
      return { message: error.message };
    }
  };
  const streamed = (unzipper, name, size) => new Promise((resolve, reject) => {
    const seen = [];
    const parse = unzipper.Parse();
    parse.on('entry', (entry) => {
      if (entry.path.endsWith('.skip')) {
        seen.push(['skipped', entry.path]);
        entry.autodrain();
      } else {
        seen.push(entry.buffer().then((content) => [entry.path, entry.type, entry.size, content.toString().slice(0, 40), content.length]));
      }
    });
    parse.on('error', reject);
    parse.on('close', () => resolve(Promise.all(seen)));
    for (let at = 0; at < bytes[name].length; at += size) parse.write(bytes[name].subarray(at, at + size));
    parse.end();
  });

  return {
    'stored and deflated entries': (unzipper) => opened(unzipper, 'plain'),
    'data descriptors': (unzipper) => opened(unzipper, 'descriptors'),
    zip64: (unzipper) => opened(unzipper, 'zip64'),
    'a comment': (unzipper) => opened(unzipper, 'comment'),
    'a large entry': async (unzipper) => {
      const { files } = await unzipper.Open.buffer(bytes.large);
      return [files.length, (await files[0].buffer()).equals(Buffer.from('0123456789abcdef'.repeat(40000)))];
    },
    'an entry as a stream': async (unzipper) => {
      const { files } = await unzipper.Open.buffer(bytes.plain);
      const parts = [];
      for await (const part of files[1].stream()) parts.push(part);
      return Buffer.concat(parts).toString().length;
    },
    'operators of streams': async (unzipper) => {
      const { Readable } = tools.streams(unzipper);
      const stopped = Readable.from([1, 2, 3]);
      stopped.on('error', () => undefined).destroy(new Error('stopped'));
      return [
        await Readable.from([1, 2, 3, 4]).filter((value) => value > 1).map(async (value) => value * 2).toArray(), await Readable.from(['a', 'b']).reduce((all, part) => all + part),
        await Readable.from([1, 2, 3]).some((value) => value === 2), await failed(() => stopped.toArray()), await failed(() => Readable.from([1]).forEach(() => { throw new Error('thrown'); })),
      ];
    },
    'a source of one\'s own': async (unzipper) => {
      const { Readable } = tools.streams(unzipper);
      const asked = [];
      const { files } = await unzipper.Open.custom({
        size: async () => bytes.plain.length,
        stream: (offset, length) => {
          asked.push([offset, length ?? null]);
          return Readable.from([bytes.plain.subarray(offset, length ? offset + length : undefined)]);
        },
      });
      return [asked, await Promise.all(files.map(shown))];
    },
    'a stream in one piece': (unzipper) => streamed(unzipper, 'plain', 1e6),
    'a stream in small pieces': (unzipper) => streamed(unzipper, 'plain', 7),
    'a stream with data descriptors': (unzipper) => streamed(unzipper, 'descriptors', 50),
    'a stream of zip64': (unzipper) => streamed(unzipper, 'zip64', 50),
    'a stream that is iterated': async (unzipper) => {
      const parse = unzipper.Parse({ forceStream: true });
      parse.end(bytes.plain);
      const seen = [];
      for await (const entry of parse) seen.push([entry.path, (await entry.buffer()).length]);
      return seen;
    },
    'one entry of a stream': async (unzipper) => {
      const one = unzipper.ParseOne(/second/);
      one.end(bytes.plain);
      const parts = [];
      one.on('data', (part) => parts.push(part));
      await new Promise((resolve, reject) => one.on('end', resolve).on('error', reject));
      return Buffer.concat(parts).toString().slice(0, 40);
    },
    'no such entry': (unzipper) => failed(() => {
      const one = unzipper.ParseOne(/nothing/);
      one.on('error', () => undefined);
      one.end(bytes.plain);
      return one.buffer();
    }),
    'a password': async (unzipper) => {
      const { files } = await unzipper.Open.buffer(bytes.encrypted);
      return [await failed(() => files[0].buffer()), await failed(() => files[0].buffer('wrong'))];
    },
    'bytes that are no zip': (unzipper) => failed(() => unzipper.Open.buffer(Buffer.from('this is not a zip file'.repeat(20)))),
    'a stream that is no zip': (unzipper) => failed(() => new Promise((resolve, reject) => {
      unzipper.Parse().on('error', reject).on('close', resolve).end(Buffer.from('this is not a zip file'.repeat(20)));
    })),
    'a file that ends early': (unzipper) => failed(async () => (await unzipper.Open.buffer(bytes.plain.subarray(0, 60))).files.length),
    'damaged data': async (unzipper) => {
      const { files } = await unzipper.Open.buffer(bytes.damaged);
      return failed(() => files[0].buffer());
    },
    'writers of one\'s own': async (unzipper) => {
      const { Writable } = tools.streams(unzipper);
      const written = [];
      const getWriter = ({ path }) => new Writable({
        write(chunk, encoding, done) {
          written.push([path.replace(/^.*\/folder-of-the-test/, ''), chunk.length]);
          done();
        },
      });
      const { extract } = await unzipper.Open.buffer(bytes.flat);
      await extract({ path: tools.folder, getWriter });
      return written.sort();
    },
  };
})
