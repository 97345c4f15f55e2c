// Perf events: the ones whose buffers a perf event array fills, and the ones that run a program.
#include "addon.h"

#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

struct Buffer {
  perf_buffer* inner;
};

void FreeBuffer(Buffer* buffer) {
  if (buffer->inner) perf_buffer__free(buffer->inner);
  buffer->inner = nullptr;
}

void OnSample(void*, int, void*, __u32) {}

// (map fd, pages, sample period) → handle or -errno
// libbpf opens one event for each CPU that is online and puts it into the map. JavaScript reads the records, for which
// it maps each event's buffer once more.
Napi::Value PerfOpen(const Napi::CallbackInfo& info) {
  Opts<perf_buffer_opts> opts;
#if LIBBPF_AT_LEAST(1, 2)
  opts.sample_period = static_cast<__u32>(ToInt(info[2], 1));
#endif
  perf_buffer* inner = perf_buffer__new(
      static_cast<int>(ToInt(info[0])), static_cast<size_t>(ToInt(info[1])), OnSample, nullptr, nullptr, &opts);
  if (!inner) return Int(info.Env(), errno ? -errno : -EINVAL);
  return Napi::External<Buffer>::New(info.Env(), new Buffer{inner}, [](Napi::Env, Buffer* data) {
    FreeBuffer(data);
    delete data;
  });
}

Napi::Value PerfFds(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto* buffer = Handle<Buffer>(info[0]);
  if (!buffer || !buffer->inner) return Closed(env);
  Napi::Array fds = Napi::Array::New(env);
  for (size_t i = 0; i < perf_buffer__buffer_cnt(buffer->inner); i++)
    fds.Set(static_cast<uint32_t>(i), Int(env, perf_buffer__buffer_fd(buffer->inner, i)));
  return fds;
}

Napi::Value PerfEpollFd(const Napi::CallbackInfo& info) {
  const auto* buffer = Handle<Buffer>(info[0]);
  return buffer && buffer->inner ? Int(info.Env(), perf_buffer__epoll_fd(buffer->inner)) : Closed(info.Env());
}

Napi::Value PerfDestroy(const Napi::CallbackInfo& info) {
  if (auto* buffer = Handle<Buffer>(info[0])) FreeBuffer(buffer);
  return info.Env().Undefined();
}

// ({type, config, frequency | period, inherit, pid, cpu}) → fd or -errno
Napi::Value PerfEventOpen(const Napi::CallbackInfo& info) {
  const Options options(info[0]);
  perf_event_attr attr;
  memset(&attr, 0, sizeof attr);
  attr.size = sizeof attr;
  attr.type = static_cast<__u32>(options.Int("type"));
  attr.config = options.U64("config");
  attr.freq = options.Int("frequency") > 0;
  attr.sample_freq = attr.freq ? options.U64("frequency") : options.U64("period");
  attr.inherit = options.Bool("inherit");
  const long fd = syscall(SYS_perf_event_open,
                          &attr,
                          static_cast<pid_t>(options.Int("pid", -1)),
                          static_cast<int>(options.Int("cpu", -1)),
                          -1,
                          PERF_FLAG_FD_CLOEXEC);
  return Int(info.Env(), fd < 0 ? -errno : fd);
}

}  // namespace

void DefinePerf(Napi::Env env, Napi::Object exports) {
  constexpr Export list[] = {
      {"perfOpen", PerfOpen},
      {"perfFds", PerfFds},
      {"perfEpollFd", PerfEpollFd},
      {"perfDestroy", PerfDestroy},
      {"perfEventOpen", PerfEventOpen},
  };
  Define(env, exports, list, std::size(list));
}
