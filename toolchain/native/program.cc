// Programs: their settings before load, test runs, attaching without a link by bpf(BPF_PROG_ATTACH), and probing what
// programs, maps and helpers the kernel knows.
#include "addon.h"

namespace {

Napi::Value ProgInfo(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const bpf_program* prog = ProgramAt(info[0], info[1]);
  if (!prog) return Closed(env);
  Napi::Object result = Napi::Object::New(env);
  result.Set("fd", Int(env, bpf_program__fd(prog)));
  result.Set("type", Int(env, bpf_program__type(prog)));
  result.Set("expectedAttachType", Int(env, bpf_program__expected_attach_type(prog)));
  result.Set("autoload", Napi::Boolean::New(env, bpf_program__autoload(prog)));
  result.Set("autoattach", Napi::Boolean::New(env, bpf_program__autoattach(prog)));
  result.Set("instructions", Int(env, static_cast<int64_t>(bpf_program__insn_cnt(prog))));
  return result;
}

Napi::Value ProgSet(const Napi::CallbackInfo& info) {
  bpf_program* prog = ProgramAt(info[0], info[1]);
  if (!prog) return Closed(info.Env());
  const std::string what = ToString(info[2]);
  const int number = static_cast<int>(ToInt(info[3]));
  int error = -EINVAL;
  if (what == "autoload") error = bpf_program__set_autoload(prog, ToBool(info[3]));
  if (what == "autoattach") error = (bpf_program__set_autoattach(prog, ToBool(info[3])), 0);
  if (what == "type") error = bpf_program__set_type(prog, static_cast<bpf_prog_type>(number));
  if (what == "expectedAttachType")
    error = bpf_program__set_expected_attach_type(prog, static_cast<bpf_attach_type>(number));
  if (what == "flags") error = bpf_program__set_flags(prog, static_cast<__u32>(number));
  if (what == "logLevel") error = bpf_program__set_log_level(prog, static_cast<__u32>(number));
  if (what == "ifindex") error = (bpf_program__set_ifindex(prog, static_cast<__u32>(number)), 0);
  return Int(info.Env(), error);
}

// (object, program, fd of the program to attach to or 0 for the kernel, the function's name) → 0 or -errno
Napi::Value ProgSetAttachTarget(const Napi::CallbackInfo& info) {
  bpf_program* prog = ProgramAt(info[0], info[1]);
  if (!prog) return Closed(info.Env());
  const std::string name = ToString(info[3]);
  return Int(info.Env(), bpf_program__set_attach_target(prog, static_cast<int>(ToInt(info[2])), OrNull(name)));
}

Napi::Value ProgPin(const Napi::CallbackInfo& info) {
  const std::string path = ToString(info[2]);
  bpf_program* prog = ProgramAt(info[0], info[1]);
  if (!prog) return Closed(info.Env());
  return Int(info.Env(),
             ToBool(info[3]) ? bpf_program__unpin(prog, path.c_str()) : bpf_program__pin(prog, path.c_str()));
}

struct Bytes {
  uint8_t* data = nullptr;
  size_t size = 0;
  explicit Bytes(const Napi::Value& value) {
    if (!value.IsTypedArray()) return;
    // Napi::TypedArray finds its data through an ArrayBuffer, and a SharedArrayBuffer is none.
    void* start = nullptr;
    napi_get_typedarray_info(value.Env(), value, nullptr, nullptr, &start, nullptr, nullptr);
    data = static_cast<uint8_t*>(start);
    size = value.As<Napi::TypedArray>().ByteLength();
  }
};

// (fd, {dataIn, dataOut, ctxIn, ctxOut, repeat, cpu, flags}) → {retval, duration, dataSize, ctxSize} or -errno
Napi::Value TestRun(const Napi::CallbackInfo& info) {
  const Options options(info[1]);
  const Bytes in(options.At("dataIn")), out(options.At("dataOut")), ctx(options.At("ctxIn")),
      ctx_out(options.At("ctxOut"));
  Opts<bpf_test_run_opts> opts;
  opts.data_in = in.data;
  opts.data_size_in = static_cast<__u32>(in.size);
  opts.data_out = out.data;
  opts.data_size_out = static_cast<__u32>(out.size);
  opts.ctx_in = ctx.data;
  opts.ctx_size_in = static_cast<__u32>(ctx.size);
  opts.ctx_out = ctx_out.data;
  opts.ctx_size_out = static_cast<__u32>(ctx_out.size);
  opts.repeat = static_cast<int>(options.Int("repeat"));
  opts.flags = static_cast<__u32>(options.Int("flags"));
  opts.cpu = static_cast<__u32>(options.Int("cpu"));
  opts.batch_size = static_cast<__u32>(options.Int("batchSize"));
  const int error = bpf_prog_test_run_opts(static_cast<int>(ToInt(info[0])), &opts);
  if (error) return Int(info.Env(), error);
  Napi::Object result = Napi::Object::New(info.Env());
  result.Set("retval", Int(info.Env(), opts.retval));
  result.Set("duration", Int(info.Env(), opts.duration));
  result.Set("dataSize", Int(info.Env(), opts.data_size_out));
  result.Set("ctxSize", Int(info.Env(), opts.ctx_size_out));
  return result;
}

// (fd) → {runs, time, misses} or -errno
// How often the program has run, for how many nanoseconds, and how often it was left out because it was running already.
// The kernel counts the first two only while somebody holds what EnableStats gives.
Napi::Value ProgStats(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  bpf_prog_info prog;
  memset(&prog, 0, sizeof prog);
  __u32 length = sizeof prog;
  if (bpf_obj_get_info_by_fd(static_cast<int>(ToInt(info[0])), &prog, &length)) return Int(env, -errno);
  Napi::Object result = Napi::Object::New(env);
  result.Set("runs", Napi::BigInt::New(env, static_cast<uint64_t>(prog.run_cnt)));
  result.Set("time", Napi::BigInt::New(env, static_cast<uint64_t>(prog.run_time_ns)));
  result.Set("misses", Napi::BigInt::New(env, static_cast<uint64_t>(prog.recursion_misses)));
  return result;
}

// () → fd or -errno
// The kernel counts runs and their time until the descriptor is closed.
Napi::Value EnableStats(const Napi::CallbackInfo& info) {
  const int fd = bpf_enable_stats(BPF_STATS_RUN_TIME);
  return Int(info.Env(), fd < 0 ? -errno : fd);
}

// (program fd, target fd, attach type, flags) → 0 or -errno
Napi::Value ProgAttach(const Napi::CallbackInfo& info) {
  return Int(info.Env(),
             bpf_prog_attach(static_cast<int>(ToInt(info[0])),
                             static_cast<int>(ToInt(info[1])),
                             static_cast<bpf_attach_type>(ToInt(info[2])),
                             static_cast<unsigned>(ToInt(info[3]))));
}

Napi::Value ProgDetach(const Napi::CallbackInfo& info) {
  return Int(info.Env(),
             bpf_prog_detach2(static_cast<int>(ToInt(info[0])),
                              static_cast<int>(ToInt(info[1])),
                              static_cast<bpf_attach_type>(ToInt(info[2]))));
}

// ("prog" | "map" | "helper", number, program type for a helper) → 1, 0 or -errno
Napi::Value Probe(const Napi::CallbackInfo& info) {
  const std::string what = ToString(info[0]);
  const auto number = ToInt(info[1]);
  int result = -EINVAL;
  if (what == "prog") result = libbpf_probe_bpf_prog_type(static_cast<bpf_prog_type>(number), nullptr);
  if (what == "map") result = libbpf_probe_bpf_map_type(static_cast<bpf_map_type>(number), nullptr);
  if (what == "helper")
    result =
        libbpf_probe_bpf_helper(static_cast<bpf_prog_type>(ToInt(info[2])), static_cast<bpf_func_id>(number), nullptr);
  return Int(info.Env(), result);
}

Napi::Value PossibleCpus(const Napi::CallbackInfo& info) { return Int(info.Env(), libbpf_num_possible_cpus()); }

}  // namespace

void DefineProgram(Napi::Env env, Napi::Object exports) {
  constexpr Export list[] = {
      {"progInfo", ProgInfo},
      {"progSet", ProgSet},
      {"progSetAttachTarget", ProgSetAttachTarget},
      {"progPin", ProgPin},
      {"testRun", TestRun},
      {"progStats", ProgStats},
      {"enableStats", EnableStats},
      {"progAttach", ProgAttach},
      {"progDetach", ProgDetach},
      {"probe", Probe},
      {"possibleCpus", PossibleCpus},
  };
  Define(env, exports, list, std::size(list));
}
