/**
 * The first lines of every executable. Where the kernel has given the process privileges that its caller does not have
 * (AT_SECURE: capabilities of the file, or the setuid bit), its environment is somebody else's. Node itself then ignores
 * NODE_OPTIONS, NODE_EXTRA_CA_CERTS, OPENSSL_CONF and others, but not all: NODE_V8_COVERAGE has it write a file into a
 * directory of the caller's choice when it ends, NODE_CHANNEL_FD has it parse what the caller sends, and
 * NODE_TLS_REJECT_UNAUTHORIZED=0 has it believe any server. They are undone before anything is read or written by them, and
 * before the app, or what it starts, sees them.
 *
 * The options that are stored in the file (`sea/blob.ts`) are not the app's: a process or a thread that it starts with
 * process.execArgv, as Node does by default, must not get them as arguments.
 *
 * Whether the process is privileged is the same question as in `runtime/secure.ts`. It comes first, because for anybody else it
 * is answered sooner than the names of all variables are listed.
 */
export const GUARD = `if (require("node:sea").isSea()) process.execArgv.length = 0;
{
  const secure = () => {
    if (process.getuid() === 0 && process.geteuid() === 0) return false;
    try {
      const vector = require("node:fs").readFileSync("/proc/self/auxv");
      for (let at = 0; at + 16 <= vector.length; at += 16)
        if (vector.readBigUInt64LE(at) === 23n) return vector.readBigUInt64LE(at + 8) !== 0n;
    } catch {}
    return true;
  };
  if (secure()) {
    if (process.env.NODE_V8_COVERAGE) require("node:v8").stopCoverage();
    if (process.connected) process.disconnect();
    for (const name of Object.keys(process.env))
      if (/^(NODE|OPENSSL|SSL|ICU|UV)_/.test(name)) delete process.env[name];
  }
}
`;
