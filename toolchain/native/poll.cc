// A file descriptor watched by Node's own event loop: no thread, no timer.
#include "addon.h"

#include <uv.h>

namespace {

struct Poll {
  uv_poll_t handle;
  Napi::Env env;
  Napi::FunctionReference callback;
  Napi::AsyncContext context;
  napi_async_cleanup_hook_handle cleanup = nullptr;
  bool closing = false;

  Poll(Napi::Env e, Napi::Function f) : env(e), callback(Napi::Persistent(f)), context(e, "bpf-app:poll") {}
};

// The loop owns the handle until it says otherwise, also when the thread is ending.
void CloseHandle(Poll* poll) {
  if (poll->closing) return;
  poll->closing = true;
  uv_close(reinterpret_cast<uv_handle_t*>(&poll->handle), [](uv_handle_t* handle) {
    auto* poll = static_cast<Poll*>(handle->data);
    if (poll->cleanup) napi_remove_async_cleanup_hook(poll->cleanup);
    Napi::HandleScope scope(poll->env);
    delete poll;
  });
}

void OnPoll(uv_poll_t* handle, int status, int events) {
  auto* poll = static_cast<Poll*>(handle->data);
  const Napi::Env env = poll->env;
  Napi::HandleScope scope(env);
  const napi_value argument = Int(env, status < 0 ? status : events);
  poll->callback.MakeCallback(env.Global(), {argument}, poll->context);
  if (env.IsExceptionPending()) napi_fatal_exception(env, env.GetAndClearPendingException().Value());
}

// (fd, callback) → handle or -errno
Napi::Value PollOpen(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  uv_loop_t* loop = nullptr;
  napi_get_uv_event_loop(env, &loop);
  auto* poll = new Poll(env, info[1].As<Napi::Function>());
  poll->handle.data = poll;
  const int error = uv_poll_init(loop, &poll->handle, static_cast<int>(ToInt(info[0])));
  if (error) {
    delete poll;
    return Int(env, error);
  }
  napi_add_async_cleanup_hook(
      env, [](napi_async_cleanup_hook_handle, void* data) { CloseHandle(static_cast<Poll*>(data)); }, poll, &poll->cleanup);
  return Napi::External<Poll>::New(env, poll);
}

Napi::Value PollStart(const Napi::CallbackInfo& info) {
  return Int(info.Env(), uv_poll_start(&Handle<Poll>(info[0])->handle, UV_READABLE, OnPoll));
}

Napi::Value PollStop(const Napi::CallbackInfo& info) {
  return Int(info.Env(), uv_poll_stop(&Handle<Poll>(info[0])->handle));
}

Napi::Value PollRef(const Napi::CallbackInfo& info) {
  auto* handle = reinterpret_cast<uv_handle_t*>(&Handle<Poll>(info[0])->handle);
  if (ToBool(info[1])) uv_ref(handle);
  else uv_unref(handle);
  return info.Env().Undefined();
}

// The handle is not to be used again.
Napi::Value PollClose(const Napi::CallbackInfo& info) {
  CloseHandle(Handle<Poll>(info[0]));
  return info.Env().Undefined();
}

}  // namespace

void DefinePoll(Napi::Env env, Napi::Object exports) {
  constexpr Export list[] = {
      {"pollOpen", PollOpen},
      {"pollStart", PollStart},
      {"pollStop", PollStop},
      {"pollRef", PollRef},
      {"pollClose", PollClose},
  };
  Define(env, exports, list, std::size(list));
}
