import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A server's answer to a request. It is whole before any of it is sent, so that a fault can be made of it. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export type Handler = (request: IncomingMessage, path: string) => Promise<Answer>;

/** What is wrong with a server, or with some of its paths. */
export type ServerFault =
  /** Takes the connection and says nothing. */
  | "silent"
  | "reset"
  | "404"
  | "503"
  /** Sends half of what it has promised, and closes the connection. */
  | "truncated"
  /** Sends as many bytes as it has promised, but other bytes. */
  | "wrong bytes"
  /** Sends one kilobyte a second. */
  | "slow";

export const SERVER_FAULTS: readonly ServerFault[] = [
  "silent",
  "reset",
  "404",
  "503",
  "truncated",
  "wrong bytes",
  "slow",
];

export interface Server {
  readonly port: number;
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** Paths that were asked for, in order. */
  readonly asked: readonly string[];
  readonly stop: () => Promise<void>;
}

/**
 * Serves on loopback.
 *
 * @param faulty what is wrong with a path, if something is
 */
export async function serve(
  handler: Handler,
  faulty: (path: string) => ServerFault | undefined = () => undefined,
): Promise<Server> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? "/", "http://127.0.0.1").pathname);
    asked.push(path);
    const fault = faulty(path);
    if (fault === "silent") return;
    if (fault === "reset") return void request.socket.resetAndDestroy();
    handler(request, path).then((answer) => send(response, answer, fault));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    asked,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function send(
  response: ServerResponse,
  { status, headers, body }: Answer,
  fault: ServerFault | undefined,
): void {
  if (fault === "404" || fault === "503") return void response.writeHead(Number(fault)).end();
  response.writeHead(status, { ...headers, "content-length": body.length });
  if (fault === "truncated") {
    response.write(body.subarray(0, body.length / 2), () => response.destroy());
  } else if (fault === "wrong bytes") {
    response.end(Buffer.from(body).fill(0x21, Math.floor(body.length / 2)));
  } else if (fault === "slow") {
    trickle(response, body);
  } else response.end(body);
}

function trickle(response: ServerResponse, body: Buffer): void {
  let at = 0;
  const timer = setInterval(() => {
    response.write(body.subarray(at, at + 256));
    at += 256;
    if (at >= body.length) response.end();
  }, 250);
  response.once("close", () => clearInterval(timer));
}
