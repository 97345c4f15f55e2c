import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";

/** A key pair for signing an archive. */
export interface Keys {
  /** Path of the keyring with the public key. */
  readonly keyring: string;
  /** Signs a text file: writes `to`, which holds the text and its signature. */
  readonly sign: (from: string, to: string) => void;
}

export function makeKeys(home: string, name: string): Keys {
  mkdirSync(home, { mode: 0o700 });
  const options = ["--homedir", home, "--batch", "--yes", "--pinentry-mode", "loopback", "--passphrase", ""];
  const gpg = (...args: string[]) =>
    execFileSync("gpg", [...options, ...args], { stdio: ["ignore", "pipe", "ignore"] });
  // gpg starts an agent that would outlive the test.
  const stop = () => execFileSync("gpgconf", ["--homedir", home, "--kill", "gpg-agent"]);
  gpg("--quick-gen-key", name, "rsa2048", "sign", "never");
  const keyring = `${home}.gpg`;
  gpg("--output", keyring, "--export");
  stop();
  return {
    keyring,
    sign: (from, to) => {
      gpg("--output", to, "--clearsign", from);
      stop();
    },
  };
}
