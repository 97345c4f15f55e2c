import { spawn } from "node:child_process";
import { connect } from "node:net";
import { statusOf } from "./app-process.ts";

/**
 * `bpf-app supervise <socket> [NAME=value …] -- <program> [argument …]`, which `start` and `dev` run through sudo. It
 * sets the variables, starts the program,
 * and sends it the signals whose names arrive over the socket, one in each line. If the other end closes the socket,
 * the program is asked to end, as by ^C.
 * @returns the program's exit status
 * @throws Failure app-not-started
 */
export async function supervise([socket = "", ...words]: readonly string[]): Promise<number> {
  const at = words.indexOf("--");
  const [program = "", ...args] = words.slice(at + 1);
  const variables = Object.fromEntries(words.slice(0, at).map((word) => word.split(/=(.*)/s).slice(0, 2)));
  const child = spawn(program, args, { stdio: "inherit", env: { ...process.env, ...variables } });
  const line = connect(socket);
  line.setEncoding("utf8").on("data", (text: string) => {
    for (const name of text.split("\n")) if (name) child.kill(name as NodeJS.Signals);
  });
  line.on("error", () => {}).on("close", () => child.kill("SIGINT"));
  // A terminal sends ^C to the program as well, so this process only waits until the program has ended.
  process.on("SIGINT", () => {}).on("SIGTERM", () => child.kill("SIGTERM"));
  try {
    return await statusOf(child, program);
  } finally {
    line.removeAllListeners("close").destroy();
  }
}
