// File descriptors that Node's own event loop watches, which takes no thread. A reader that is woken too often for its
// liking waits by a clock instead, which is a descriptor as well: libuv's own timers count whole milliseconds.
#include "addon.h"

#include <sys/timerfd.h>
#include <unistd.h>
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
  uv_poll_t clock;
  int timer = -1;
  Napi::Env env;
  Napi::FunctionReference callback;
  Napi::AsyncContext context;
  napi_async_cleanup_hook_handle cleanup = nullptr;
  PollHandle* holder = nullptr;
  // How many of the two handles the loop has not closed yet.
  int open = 1;
  bool closing = false;
  bool polling = false;
  // Whether someone waits for the descriptor, or for the clock. If nobody does so once the callback has returned, and it
  // does not return true, polling ends: the kernel says "readable" for as long as there is data.
  bool wanted = false;
  // Whether the callback is running. What it returns is not known yet.
  bool calling = false;
  bool armed = false;
  bool referenced = true;

  Poll(Napi::Env e, Napi::Function f) : env(e), callback(Napi::Persistent(f)), context(e, "bpf-app:poll") {}
};

uv_handle_t* AsHandle(uv_poll_t* poll) { return reinterpret_cast<uv_handle_t*>(poll); }

void OnClosed(uv_handle_t* handle) {
  auto* poll = static_cast<Poll*>(handle->data);
  if (--poll->open > 0) return;
  if (poll->timer >= 0) close(poll->timer);
  if (poll->cleanup) napi_remove_async_cleanup_hook(poll->cleanup);
  Napi::HandleScope scope(poll->env);
  delete poll;
}

// The poll may be deleted only when the loop has called back that its handles are closed. That holds for a thread that
// ends as well.
void CloseHandle(Poll* poll) {
  if (poll->closing) return;
  poll->closing = true;
  if (poll->holder) poll->holder->poll = nullptr;
  uv_close(AsHandle(&poll->handle), OnClosed);
  if (poll->timer >= 0) uv_close(AsHandle(&poll->clock), OnClosed);
}

void StopPolling(Poll* poll) {
  if (poll->polling) uv_poll_stop(&poll->handle);
  poll->polling = false;
}

// Sets the clock, or with 0 stops it; a time that has come and was not read is forgotten in both cases. The clock's
// handle stays active, because to stop it takes a system call, and so it counts for the loop only while it is set.
int SetClock(Poll* poll, int64_t microseconds) {
  itimerspec time = {};
  time.it_value.tv_sec = microseconds / 1000000;
  time.it_value.tv_nsec = microseconds % 1000000 * 1000;
  if (timerfd_settime(poll->timer, 0, &time, nullptr) < 0) return -errno;
  poll->armed = microseconds > 0;
  if (poll->armed && poll->referenced)
    uv_ref(AsHandle(&poll->clock));
  else
    uv_unref(AsHandle(&poll->clock));
  return 0;
}

void Call(Poll* poll, int events) {
  const Napi::Env env = poll->env;
  Napi::HandleScope scope(env);
  poll->wanted = false;
  poll->calling = true;
  const napi_value argument = Int(env, events);
  // What JavaScript does at once, and in the promises that it resolves, is done when this returns. A thread that ends
  // runs its loop once more before the poll is closed; it runs no JavaScript then, and the call fails without an error.
  napi_value result = nullptr;
  napi_make_callback(env, poll->context, env.Global(), poll->callback.Value(), 1, &argument, &result);
  if (env.IsExceptionPending()) napi_fatal_exception(env, env.GetAndClearPendingException().Value());
  poll->calling = false;
  // One who has waited when the callback returned may have been told to end since then, by a promise. That has ended
  // polling, and it is not begun anew here.
  bool again = false;
  if (result) napi_get_value_bool(env, result, &again);
  if (!poll->closing && !poll->wanted && !again) StopPolling(poll);
}

void OnPoll(uv_poll_t* handle, int status, int events) {
  auto* poll = static_cast<Poll*>(handle->data);
  if (poll->armed) SetClock(poll, 0);
  Call(poll, status < 0 ? status : events);
}

void OnClock(uv_poll_t* handle, int, int) {
  auto* poll = static_cast<Poll*>(handle->data);
  poll->armed = false;
  Call(poll, 0);
  if (!poll->closing && !poll->armed) SetClock(poll, 0);
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

// (poll) → 1 if polling begins with this, 0 if it was under way, or -errno
Napi::Value PollStart(const Napi::CallbackInfo& info) {
  auto* poll = OpenPoll(info);
  if (!poll) return Closed(info.Env());
  poll->wanted = true;
  if (poll->polling) return Int(info.Env(), 0);
  const int error = uv_poll_start(&poll->handle, UV_READABLE, OnPoll);
  poll->polling = error == 0;
  return Int(info.Env(), error ? error : 1);
}

int OpenClock(Poll* poll) {
  const int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
  if (timer < 0) return -errno;
  const int error = uv_poll_init(poll->handle.loop, &poll->clock, timer);
  if (error) {
    close(timer);
    return error;
  }
  poll->clock.data = poll;
  poll->timer = timer;
  poll->open++;
  return uv_poll_start(&poll->clock, UV_READABLE, OnClock);
}

// (poll, microseconds) → 0 or -errno
// Calls back after that time, and not when the descriptor is readable.
Napi::Value PollAfter(const Napi::CallbackInfo& info) {
  auto* poll = OpenPoll(info);
  if (!poll) return Closed(info.Env());
  if (poll->timer < 0) {
    const int error = OpenClock(poll);
    if (error) return Int(info.Env(), error);
  }
  if (!poll->wanted && !poll->calling) StopPolling(poll);
  const int64_t microseconds = ToInt(info[1]);
  return Int(info.Env(), SetClock(poll, microseconds > 0 ? microseconds : 1));
}

Napi::Value PollStop(const Napi::CallbackInfo& info) {
  auto* poll = OpenPoll(info);
  if (!poll) return Closed(info.Env());
  poll->wanted = false;
  StopPolling(poll);
  return Int(info.Env(), poll->armed ? SetClock(poll, 0) : 0);
}

Napi::Value PollRef(const Napi::CallbackInfo& info) {
  auto* poll = OpenPoll(info);
  if (!poll) return Closed(info.Env());
  poll->referenced = ToBool(info[1]);
  const auto change = poll->referenced ? uv_ref : uv_unref;
  change(AsHandle(&poll->handle));
  if (poll->armed) change(AsHandle(&poll->clock));
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
      {"pollAfter", PollAfter},
      {"pollStop", PollStop},
      {"pollRef", PollRef},
      {"pollClose", PollClose},
  };
  Define(env, exports, list, std::size(list));
}
