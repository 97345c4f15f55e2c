import { spawn } from "node:child_process";
import { connect } from "node:net";
import { statusOf } from "./app-process.ts";

/**
 * `bpf-app supervise <socket> <program> [argument …]`, which `start` and `dev` run through sudo. It starts the program,
 * and sends it the signals whose names arrive over the socket, one in each line. If the other end closes the socket,
 * the program is asked to end, as by ^C.
 * @returns the program's exit status
 * @throws Failure app-not-started
 */
export async function supervise([socket = "", program = "", ...args]: readonly string[]): Promise<number> {
  const child = spawn(program, args, { stdio: "inherit" });
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
