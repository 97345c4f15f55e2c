// This file has the module's entry, keeps libbpf's log, and reads the arguments of every function.
#include "addon.h"

#include <cstdarg>

namespace {

// libbpf has one print function for the whole process, while every thread wants to hear of its own calls. So each
// thread has a buffer, to which the print function adds: for each message one digit for the level, the text and a
// separator. JavaScript takes the buffer after each call.
thread_local std::string log_text;
thread_local int log_level = LIBBPF_INFO;
constexpr char kSeparator = '\x1e';
constexpr size_t kLogLimit = 64 << 20;

__attribute__((format(printf, 2, 0))) int Print(enum libbpf_print_level level, const char* format, va_list args) {
  if (static_cast<int>(level) > log_level || log_text.size() > kLogLimit) return 0;
  va_list again;
  va_copy(again, args);
  const int length = vsnprintf(nullptr, 0, format, again);
  va_end(again);
  if (length <= 0) return 0;
  log_text += static_cast<char>('0' + level);
  const size_t at = log_text.size();
  log_text.resize(at + static_cast<size_t>(length) + 1);
  vsnprintf(&log_text[at], static_cast<size_t>(length) + 1, format, args);
  log_text[at + static_cast<size_t>(length)] = kSeparator;
  return 0;
}

Napi::Value TakeLog(const Napi::CallbackInfo& info) {
  if (log_text.empty()) return info.Env().Undefined();
  Napi::String text = Napi::String::New(info.Env(), log_text);
  log_text = std::string();
  return text;
}

Napi::Value SetLogLevel(const Napi::CallbackInfo& info) {
  log_level = static_cast<int>(ToInt(info[0], LIBBPF_INFO));
  return info.Env().Undefined();
}

napi_value Invoke(napi_env env, napi_callback_info raw) {
  Napi::CallbackInfo info(env, raw);
  return reinterpret_cast<Method>(info.Data())(info);
}

constexpr Export kExports[] = {
    {"takeLog", TakeLog},
    {"setLogLevel", SetLogLevel},
};

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  libbpf_set_print(Print);
  Define(env, exports, kExports, std::size(kExports));
  DefineObject(env, exports);
  DefineProgram(env, exports);
  DefineAttach(env, exports);
  DefineLink(env, exports);
  DefineMap(env, exports);
  DefineMemory(env, exports);
  DefinePoll(env, exports);
  DefinePerf(env, exports);
  DefineNet(env, exports);
  DefineStream(env, exports);
  DefineHandover(env, exports);
  DefineTrial(env, exports);
  DefinePrivileges(env, exports);
  return exports;
}

}  // namespace

void Define(Napi::Env env, Napi::Object exports, const Export* list, size_t count) {
  for (size_t i = 0; i < count; i++) {
    napi_value function;
    napi_create_function(
        env, list[i].name, NAPI_AUTO_LENGTH, Invoke, reinterpret_cast<void*>(list[i].method), &function);
    napi_set_named_property(env, exports, list[i].name, function);
  }
}

int64_t ToInt(const Napi::Value& value, int64_t absent) {
  return value.IsNumber() ? value.As<Napi::Number>().Int64Value() : absent;
}

uint64_t ToU64(const Napi::Value& value, uint64_t absent) {
  bool lossless;
  if (value.IsBigInt()) return value.As<Napi::BigInt>().Uint64Value(&lossless);
  return value.IsNumber() ? static_cast<uint64_t>(value.As<Napi::Number>().Int64Value()) : absent;
}

bool ToBool(const Napi::Value& value, bool absent) {
  return value.IsBoolean() ? value.As<Napi::Boolean>().Value() : absent;
}

std::string ToString(const Napi::Value& value) {
  return value.IsString() ? value.As<Napi::String>().Utf8Value() : std::string();
}

Napi::Value Options::At(const char* name) const {
  return value_.IsObject() ? value_.As<Napi::Object>().Get(name) : value_.Env().Undefined();
}

std::vector<std::string> Options::Strings(const char* name) const {
  std::vector<std::string> list;
  const Napi::Value value = At(name);
  if (!value.IsArray()) return list;
  const Napi::Array array = value.As<Napi::Array>();
  for (uint32_t i = 0; i < array.Length(); i++) list.push_back(ToString(array.Get(i)));
  return list;
}

std::vector<__u64> Options::U64s(const char* name) const {
  std::vector<__u64> list;
  const Napi::Value value = At(name);
  if (!value.IsArray()) return list;
  const Napi::Array array = value.As<Napi::Array>();
  for (uint32_t i = 0; i < array.Length(); i++) list.push_back(ToU64(array.Get(i)));
  return list;
}

NODE_API_MODULE(bpf_app, Init)
