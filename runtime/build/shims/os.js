// `os`: the values that user agents contain.
module.exports = { EOL: '\n', arch: () => 'x64', type: () => 'Linux', release: () => '', platform: () => 'linux', hostname: () => 'localhost', tmpdir: () => '/tmp' };
