// What a program has written to its two streams (Linux 6.17), which hold text until user space takes it out.
#include "addon.h"

#include <bpf/btf.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

// BPF_PROG_STREAM_READ_BY_FD and its part of union bpf_attr, in the words of linux/bpf.h. libbpf has a function for it
// only since 1.7, and the headers of older ones do not know the command.
constexpr int kStreamReadByFd = 37;
struct StreamRead {
  uint64_t buffer;
  uint32_t length;
  uint32_t stream;
  uint32_t program;
};

// (program fd or -1, stream: 1 or 2, Uint8Array) → number of bytes or -errno
// Takes out what fits into the array. Where the kernel has streams the error for a descriptor of -1 is EBADF, where it
// has none it is EINVAL.
Napi::Value StreamReadBytes(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!info[2].IsTypedArray()) return Int(env, -EINVAL);
  void* data = nullptr;
  napi_get_typedarray_info(env, info[2], nullptr, nullptr, &data, nullptr, nullptr);
  StreamRead attr;
  memset(&attr, 0, sizeof attr);
  attr.buffer = reinterpret_cast<uint64_t>(data);
  attr.length = static_cast<uint32_t>(info[2].As<Napi::TypedArray>().ByteLength());
  attr.stream = static_cast<uint32_t>(ToInt(info[1]));
  attr.program = static_cast<uint32_t>(ToInt(info[0], -1));
  const long count = syscall(SYS_bpf, kStreamReadByFd, &attr, sizeof attr);
  return Int(env, count < 0 ? -errno : count);
}

// (object, beginning of a name) → 1, 0 or -errno
// Whether the object refers to a function of the kernel whose name begins so: the compiler describes all that it uses.
Napi::Value RefersTo(const Napi::CallbackInfo& info) {
  const auto* object = OpenObject(info[0]);
  if (!object) return Closed(info.Env());
  const std::string prefix = ToString(info[1]);
  const btf* types = bpf_object__btf(*object->skeleton->obj);
  for (__u32 id = 1; types && id < btf__type_cnt(types); id++) {
    const btf_type* type = btf__type_by_id(types, id);
    if (!btf_is_func(type)) continue;
    const char* name = btf__name_by_offset(types, type->name_off);
    if (name && strncmp(name, prefix.c_str(), prefix.size()) == 0) return Int(info.Env(), 1);
  }
  return Int(info.Env(), 0);
}

}  // namespace

void DefineStream(Napi::Env env, Napi::Object exports) {
  constexpr Export list[] = {
      {"streamRead", StreamReadBytes},
      {"refersTo", RefersTo},
  };
  Define(env, exports, list, std::size(list));
}
