import { jsonLines, type TemplateCheck } from "../check.ts";

const THROW = `
#include <stdexcept>
#include <unistd.h>
namespace app { struct Late {}; }
extern "C"
#ifdef __x86_64__
__attribute__((force_align_arg_pointer))
#endif
void start() {
  try {
    try { throw std::runtime_error("a test"); } catch (const std::exception&) { throw; }
  } catch (...) {
    try { throw 42; } catch (int) {}
    try { throw app::Late(); } catch (app::Late) {}
  }
  _exit(0);
}`;

const SEEN = [
  "throw std::runtime_error",
  "catch std::runtime_error",
  "rethrow std::runtime_error",
  "catch std::runtime_error",
  "throw int",
  "catch int",
  "throw app::Late",
  "catch app::Late",
];

export default {
  programs: { "thrower.cc": THROW },
  ready: ["^Tracing C\\+\\+ exceptions"],
  trigger: "$APP_DIR/thrower",
  until: ['"comm":"thrower","event":"catch","type":"app::Late"'],
  judge({ stdout }) {
    const events = jsonLines(stdout).filter((event) => event.comm === "thrower");
    const first = events.filter((event) => event.pid === events[0]?.pid);
    if (typeof events[0]?.pid !== "number" || events[0].pid <= 1) return `pid is ${events[0]?.pid}`;
    const seen = first.map(({ event, type }) => `${event} ${type}`);
    return seen.join() === SEEN.join() ? undefined : `seen: ${seen.join()}`;
  },
} satisfies TemplateCheck;
