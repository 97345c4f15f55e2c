import { spawn } from "node:child_process";
import { connect } from "node:net";
import { statusOf } from "./app-process.ts";

/**
 * `bpf-app supervise <socket> <program> [argument …]`, which `start` and `dev` run through sudo: starts the program and
 * sends it the signals whose names come over the socket, a line each. If the other end goes away the program is asked
 * to end, as by ^C.
 * @returns the program's exit status
 */
export async function supervise([socket = "", program = "", ...args]: readonly string[]): Promise<number> {
  const child = spawn(program, args, { stdio: "inherit" });
  const line = connect(socket);
  line.setEncoding("utf8").on("data", (text: string) => {
    for (const name of text.split("\n")) if (name) child.kill(name as NodeJS.Signals);
  });
  line.on("error", () => {}).on("close", () => child.kill("SIGINT"));
  // A terminal sends ^C to the program too; this process waits for it to end as it likes.
  process.on("SIGINT", () => {}).on("SIGTERM", () => child.kill("SIGTERM"));
  try {
    return await statusOf(child, program);
  } finally {
    line.removeAllListeners("close").destroy();
  }
}
