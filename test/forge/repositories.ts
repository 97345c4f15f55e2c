import { spawn } from "node:child_process";
import type { IncomingMessage } from "node:http";
import { buffer } from "node:stream/consumers";
import type { Answer, Handler } from "./server.ts";

/** Answers for the bare repositories below `root`, by git's own HTTP backend: one CGI request each (RFC 3875). */
export function repositories(root: string): Handler {
  return async (request, path) => {
    const backend = spawn("git", ["http-backend"], {
      stdio: ["pipe", "pipe", "inherit"],
      env: { PATH: process.env.PATH, GIT_PROJECT_ROOT: root, ...cgi(request, path) },
    });
    request.pipe(backend.stdin);
    backend.stdin.on("error", () => {});
    return parse(await buffer(backend.stdout));
  };
}

function cgi({ headers, method, url }: IncomingMessage, path: string): NodeJS.ProcessEnv {
  const given = (name: string, variable: string) => (headers[name] ? { [variable]: `${headers[name]}` } : {});
  return {
    GIT_HTTP_EXPORT_ALL: "1",
    // git refuses repositories of somebody else, and these belong to whoever runs the test.
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: "safe.directory",
    GIT_CONFIG_VALUE_0: "*",
    PATH_INFO: path,
    QUERY_STRING: new URL(url ?? "/", "http://127.0.0.1").search.slice(1),
    REQUEST_METHOD: method,
    CONTENT_TYPE: headers["content-type"] ?? "",
    ...given("content-length", "CONTENT_LENGTH"),
    ...given("content-encoding", "HTTP_CONTENT_ENCODING"),
    ...given("git-protocol", "GIT_PROTOCOL"),
  };
}

function parse(output: Buffer): Answer {
  const end = output.indexOf("\r\n\r\n");
  if (end < 0) return { status: 500, headers: {}, body: Buffer.alloc(0) };
  const headers = output
    .subarray(0, end)
    .toString("latin1")
    .split("\r\n")
    .map((line) => line.split(/:\s*/, 2) as [string, string]);
  const status = headers.find(([name]) => name.toLowerCase() === "status")?.[1]?.slice(0, 3) ?? "200";
  const rest = headers.filter(([name]) => !["status", "content-length"].includes(name.toLowerCase()));
  return { status: Number(status), headers: Object.fromEntries(rest), body: output.subarray(end + 4) };
}
