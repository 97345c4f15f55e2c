// Capabilities given up by every thread. The kernel keeps them for each thread by itself, and Node has threads before
// the first line of an app runs. So a signal makes each thread give up its own.
#include "addon.h"

#include <dirent.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <map>
#include <mutex>
#include <set>

namespace {

// What every thread does. It is done twice where the user changes in between: what needs capabilities comes first.
struct Drop {
  uint64_t keep;
  // Whether to keep what is permitted when the user changes. Otherwise the capabilities go now.
  bool before_user;
};

// What one thread is told, and what it answers: 0, -errno, or kUnanswered.
struct Message {
  const Drop* order;
  std::atomic<int> answer;
};
constexpr int kUnanswered = 1;

std::atomic<bool> telling{false};

// glibc's own signal for a change of user, which is made in every thread in the same way. It is the only one that no
// thread blocks: glibc leaves it out of every mask. libpsx, of libcap, takes the same one.
constexpr int kSignal = 33;

// What the kernel's rt_sigaction takes on x86-64 and on arm64.
struct KernelAction {
  void (*handler)(int, siginfo_t*, void*);
  unsigned long flags;
  void (*restorer)();
  unsigned long mask;
};
KernelAction previous;

uint64_t Effective(__user_cap_data_struct (&data)[2]) {
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  if (syscall(SYS_capget, &header, data)) return 0;
  return data[0].effective | static_cast<uint64_t>(data[1].effective) << 32;
}

// A thread that has CAP_SETPCAP can give up more: what a program that is started could have, and that root has all.
void LimitPrograms(uint64_t keep) {
  for (unsigned cap = 0; cap < 64; cap++) {
    if (prctl(PR_CAPBSET_READ, cap, 0, 0, 0) < 0) break;
    if (!(keep >> cap & 1)) prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
  }
  const int bits = prctl(PR_GET_SECUREBITS, 0, 0, 0, 0);
  if (bits >= 0) prctl(PR_SET_SECUREBITS, bits | SECBIT_NOROOT | SECBIT_NOROOT_LOCKED, 0, 0, 0);
}

// Only system calls are made here, since it runs in a signal's handler.
int Obey(const Drop& order) {
  __user_cap_data_struct data[2];
  const uint64_t effective = Effective(data);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) return -errno;
  if (effective >> CAP_SETPCAP & 1) LimitPrograms(order.keep);
  if (order.before_user) return prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) ? -errno : 0;
  for (int i = 0; i < 2; i++) {
    const auto keep = static_cast<__u32>(order.keep >> 32 * i);
    data[i].permitted &= keep;
    data[i].effective = data[i].permitted;
    // The kernel takes out of the ambient set what is no longer in both of the others.
    data[i].inheritable &= keep;
  }
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  if (syscall(SYS_capset, &header, data)) return -errno;
  // It fails where it was locked, and there it is off.
  prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0);
  return 0;
}

void OnSignal(int signal, siginfo_t* info, void* context) {
  // Another thread may change the user meanwhile, in glibc's way.
  if (info->si_code != SI_QUEUE || info->si_pid != getpid() || !telling) {
    previous.handler(signal, info, context);
    return;
  }
  const int saved = errno;
  auto* message = static_cast<Message*>(info->si_value.sival_ptr);
  message->answer = Obey(*message->order);
  errno = saved;
}

long Action(const KernelAction* action, KernelAction* old) {
  return syscall(SYS_rt_sigaction, kSignal, action, old, sizeof action->mask);
}

// If it comes late, glibc's handler passes over it, because glibc does not send it by a queue.
bool Tell(pid_t thread, Message* message) {
  siginfo_t info;
  memset(&info, 0, sizeof info);
  info.si_signo = kSignal;
  info.si_code = SI_QUEUE;
  info.si_pid = getpid();
  info.si_uid = getuid();
  info.si_value.sival_ptr = message;
  return syscall(SYS_rt_tgsigqueueinfo, getpid(), thread, kSignal, &info) == 0;
}

std::set<pid_t> Threads() {
  std::set<pid_t> threads;
  if (DIR* folder = opendir("/proc/self/task")) {
    while (const dirent* entry = readdir(folder))
      if (const pid_t thread = atoi(entry->d_name)) threads.insert(thread);
    closedir(folder);
  }
  return threads;
}

constexpr int kPatienceMs = 5000;

// Waits for the answer of a thread: 0 or -errno. A thread that has ended need not answer.
int Await(pid_t thread, const Message& message) {
  for (int waited = 0; message.answer == kUnanswered; waited++) {
    if (syscall(SYS_tgkill, getpid(), thread, 0)) return 0;
    if (waited >= kPatienceMs) return -ETIMEDOUT;
    const timespec pause = {0, 1000000};
    nanosleep(&pause, nullptr);
  }
  return message.answer;
}

// Tells every thread but this one. A thread that was started by one that had not obeyed yet is found in a later round.
int TellAll(const Drop& order) {
  std::map<pid_t, Message*> told;
  const auto self = static_cast<pid_t>(syscall(SYS_gettid));
  for (bool any = true; any;) {
    any = false;
    for (const pid_t thread : Threads()) {
      if (thread == self || told.count(thread)) continue;
      // A message is never freed, because a thread may read it late.
      auto* message = new Message{&order, {kUnanswered}};
      if (Tell(thread, message)) told[thread] = message, any = true;
    }
    for (const auto& entry : told)
      if (const int error = Await(entry.first, *entry.second)) return error;
  }
  return 0;
}

std::mutex one_at_a_time;

// ({keep, beforeUser}) → 0 or -errno
// `keep` has a bit for each capability that is kept. Without `beforeUser` all others are gone afterwards.
Napi::Value DropPrivileges(const Napi::CallbackInfo& info) {
  const Options options(info[0]);
  const std::lock_guard<std::mutex> lock(one_at_a_time);
  const auto* order = new Drop{options.U64("keep"), options.Bool("beforeUser")};
  if (Action(nullptr, &previous)) return Int(info.Env(), -errno);
  // glibc sets its handler when the first thread is started. Where it has not, the C library is another one.
  if (reinterpret_cast<uintptr_t>(previous.handler) < 2) return Int(info.Env(), -ENOSYS);
  KernelAction mine = previous;
  mine.handler = OnSignal;
  telling = true;
  if (Action(&mine, nullptr)) return Int(info.Env(), -errno);
  int error = TellAll(*order);
  if (!error) error = Obey(*order);
  Action(&previous, nullptr);
  telling = false;
  return Int(info.Env(), error);
}

}  // namespace

void DefinePrivileges(Napi::Env env, Napi::Object exports) {
  constexpr Export list[] = {{"dropPrivileges", DropPrivileges}};
  Define(env, exports, list, std::size(list));
}
