// File descriptors that Node's own event loop watches, which takes no thread and no timer.
#include "addon.h"

#include <uv.h>

namespace {

struct Poll;

// JavaScript holds this and not the poll itself, because the loop frees a closed poll at a time of its own choice.
// `poll` is null from the moment the poll is closed.
struct PollHandle {
  Poll* poll;
};

struct Poll {
  uv_poll_t handle;
  Napi::Env env;
  Napi::FunctionReference callback;
  Napi::AsyncContext context;
  napi_async_cleanup_hook_handle cleanup = nullptr;
  PollHandle* holder = nullptr;
  bool closing = false;

  Poll(Napi::Env e, Napi::Function f) : env(e), callback(Napi::Persistent(f)), context(e, "bpf-app:poll") {}
};

// The poll may be deleted only when the loop has called back that the handle is closed. That holds for a thread that
// ends as well.
void CloseHandle(Poll* poll) {
  if (poll->closing) return;
  poll->closing = true;
  if (poll->holder) poll->holder->poll = nullptr;
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
      env,
      [](napi_async_cleanup_hook_handle, void* data) { CloseHandle(static_cast<Poll*>(data)); },
      poll,
      &poll->cleanup);
  poll->holder = new PollHandle{poll};
  return Napi::External<PollHandle>::New(env, poll->holder, [](Napi::Env, PollHandle* holder) {
    if (holder->poll) holder->poll->holder = nullptr;
    delete holder;
  });
}

// Returns null for a poll that was closed.
Poll* OpenPoll(const Napi::CallbackInfo& info) {
  const auto* holder = Handle<PollHandle>(info[0]);
  return holder ? holder->poll : nullptr;
}

Napi::Value PollStart(const Napi::CallbackInfo& info) {
  auto* poll = OpenPoll(info);
  return Int(info.Env(), poll ? uv_poll_start(&poll->handle, UV_READABLE, OnPoll) : -EBADF);
}

Napi::Value PollStop(const Napi::CallbackInfo& info) {
  auto* poll = OpenPoll(info);
  return Int(info.Env(), poll ? uv_poll_stop(&poll->handle) : -EBADF);
}

Napi::Value PollRef(const Napi::CallbackInfo& info) {
  auto* poll = OpenPoll(info);
  if (!poll) return Closed(info.Env());
  auto* handle = reinterpret_cast<uv_handle_t*>(&poll->handle);
  if (ToBool(info[1]))
    uv_ref(handle);
  else
    uv_unref(handle);
  return Int(info.Env(), 0);
}

Napi::Value PollClose(const Napi::CallbackInfo& info) {
  if (auto* poll = OpenPoll(info)) CloseHandle(poll);
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
