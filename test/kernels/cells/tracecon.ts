import { jsonLines, type TemplateCheck } from "../check.ts";

/** Connects to port 9 of 127.0.0.1, by a name for it that needs no file and no server. */
const CONNECT = `
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
extern "C"
#ifdef __x86_64__
__attribute__((force_align_arg_pointer))
#endif
void start() {
  addrinfo* found = nullptr;
  if (getaddrinfo("127.1", "9", nullptr, &found)) _exit(1);
  connect(socket(AF_INET, SOCK_STREAM, 0), found->ai_addr, found->ai_addrlen);
  sockaddr_in other = *reinterpret_cast<sockaddr_in*>(found->ai_addr);
  other.sin_addr.s_addr = htonl(0x7f000002);
  connect(socket(AF_INET, SOCK_STREAM, 0), reinterpret_cast<sockaddr*>(&other), sizeof other);
  _exit(0);
}`;

export default {
  programs: { "connecter.cc": CONNECT },
  ready: ["^Tracing connections"],
  trigger: "$APP_DIR/connecter",
  until: ['"comm":"connecter","host":"127.1"', '"address":"127.0.0.2"'],
  judge({ stdout }) {
    const events = jsonLines(stdout).filter((event) => event.comm === "connecter");
    const named = events.find((event) => event.host === "127.1");
    if (typeof named?.pid !== "number" || named.pid <= 1) return `pid is ${named?.pid}`;
    if (named.address !== "127.0.0.1" || named.port !== 9) return `to ${named.address}, port ${named.port}`;
    const other = events.find((event) => event.address === "127.0.0.2");
    return other?.host === undefined ? undefined : `127.0.0.2 is said to be ${other?.host}`;
  },
} satisfies TemplateCheck;
