// `os`: what user agents say of the machine.
module.exports = { EOL: '\n', arch: () => 'x64', type: () => 'Linux', release: () => '', platform: () => 'linux', hostname: () => 'localhost', tmpdir: () => '/tmp' };
