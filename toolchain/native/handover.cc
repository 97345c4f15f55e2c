// What passes between `bpf-app dev` and the apps that it runs: messages over a Unix socket, each a text and some file
// descriptors, and links that go from one app to the next. The sockets keep the bounds of messages (SOCK_SEQPACKET), so
// that a message is there as a whole or not at all.
#include "addon.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace {

// How many descriptors the kernel accepts in one message (SCM_MAX_FD).
constexpr size_t kMostDescriptors = 253;

union Control {
  cmsghdr align;
  char bytes[CMSG_SPACE(kMostDescriptors * sizeof(int))];
};

int UnixSocket(const std::string& path, sockaddr_un& address) {
  memset(&address, 0, sizeof address);
  address.sun_family = AF_UNIX;
  // The kernel would choose a name for one that is empty.
  if (path.empty()) return -ENOENT;
  if (path.size() >= sizeof address.sun_path) return -ENAMETOOLONG;
  memcpy(address.sun_path, path.data(), path.size());
  const int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  return fd < 0 ? -errno : fd;
}

int OrClose(int fd, int result) {
  if (result == 0) return fd;
  const int error = errno;
  close(fd);
  return -error;
}

// (path) → descriptor of a socket that listens there, or -errno
Napi::Value HandoverListen(const Napi::CallbackInfo& info) {
  sockaddr_un address;
  const int fd = UnixSocket(ToString(info[0]), address);
  if (fd < 0) return Int(info.Env(), fd);
  const auto* any = reinterpret_cast<const sockaddr*>(&address);
  return Int(info.Env(), OrClose(fd, bind(fd, any, sizeof address) ? -1 : listen(fd, 64)));
}

// (descriptor of a socket that listens) → descriptor of a connection, or -errno
Napi::Value HandoverAccept(const Napi::CallbackInfo& info) {
  const int fd = accept4(static_cast<int>(ToInt(info[0], -1)), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  return Int(info.Env(), fd < 0 ? -errno : fd);
}

// (path) → descriptor of a connection, or -errno
Napi::Value HandoverConnect(const Napi::CallbackInfo& info) {
  sockaddr_un address;
  const int fd = UnixSocket(ToString(info[0]), address);
  if (fd < 0) return Int(info.Env(), fd);
  return Int(info.Env(), OrClose(fd, connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address)));
}

// Waits until a socket is ready. Returns 0, -EAGAIN if the time is over, or another negative errno.
int Await(int fd, short events, int milliseconds) {
  // poll(2) waits for a negative descriptor in vain.
  if (fd < 0) return -EBADF;
  pollfd one = {fd, events, 0};
  int ready;
  do ready = poll(&one, 1, milliseconds);
  while (ready < 0 && errno == EINTR);
  if (ready < 0) return -errno;
  return ready == 0 ? -EAGAIN : 0;
}

// (connection, text, array of descriptors, milliseconds) → 0 or -errno
// While the other side does not read, it waits for so long at most.
Napi::Value HandoverSend(const Napi::CallbackInfo& info) {
  const int fd = static_cast<int>(ToInt(info[0], -1));
  std::string text = ToString(info[1]);
  std::vector<int> descriptors;
  if (info[2].IsArray()) {
    const Napi::Array array = info[2].As<Napi::Array>();
    for (uint32_t i = 0; i < array.Length(); i++) descriptors.push_back(static_cast<int>(ToInt(array.Get(i), -1)));
  }
  if (text.empty() || descriptors.size() > kMostDescriptors) return Int(info.Env(), -EINVAL);
  iovec part = {text.data(), text.size()};
  msghdr message = {};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  Control control = {};
  if (!descriptors.empty()) {
    message.msg_control = control.bytes;
    message.msg_controllen = CMSG_SPACE(descriptors.size() * sizeof(int));
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(descriptors.size() * sizeof(int));
    memcpy(CMSG_DATA(header), descriptors.data(), descriptors.size() * sizeof(int));
  }
  for (;;) {
    if (sendmsg(fd, &message, MSG_NOSIGNAL) >= 0) return Int(info.Env(), 0);
    if (errno == EINTR) continue;
    if (errno != EAGAIN) return Int(info.Env(), -errno);
    const int error = Await(fd, POLLOUT, static_cast<int>(ToInt(info[3])));
    if (error) return Int(info.Env(), error);
  }
}

void TakeDescriptors(msghdr& message, std::vector<int>& descriptors) {
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    const size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    const size_t before = descriptors.size();
    descriptors.resize(before + count);
    memcpy(&descriptors[before], CMSG_DATA(header), count * sizeof(int));
  }
}

// (connection, milliseconds) → {text, descriptors}, null if the other side has closed, or -errno
// It is -EAGAIN if nothing has come in that time. The descriptors belong to the caller.
Napi::Value HandoverReceive(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const int fd = static_cast<int>(ToInt(info[0], -1));
  const int error = Await(fd, POLLIN, static_cast<int>(ToInt(info[1])));
  if (error) return Int(env, error);
  ssize_t size = recv(fd, nullptr, 0, MSG_PEEK | MSG_TRUNC);
  if (size < 0) return errno == ECONNRESET ? env.Null() : Int(env, -errno);
  // No message is empty, so this is the end.
  if (size == 0) return env.Null();
  std::string text(static_cast<size_t>(size), '\0');
  iovec part = {text.data(), text.size()};
  Control control = {};
  msghdr message = {};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.bytes;
  message.msg_controllen = sizeof control.bytes;
  size = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
  if (size < 0) return Int(env, -errno);
  text.resize(static_cast<size_t>(size));
  std::vector<int> descriptors;
  TakeDescriptors(message, descriptors);
  Napi::Array list = Napi::Array::New(env);
  for (size_t i = 0; i < descriptors.size(); i++) list.Set(static_cast<uint32_t>(i), Int(env, descriptors[i]));
  Napi::Object result = Napi::Object::New(env);
  result.Set("text", Napi::String::New(env, text));
  result.Set("descriptors", list);
  return result;
}

// (descriptor of a link) → {id, progId} or -errno
Napi::Value LinkIds(const Napi::CallbackInfo& info) {
  bpf_link_info link;
  memset(&link, 0, sizeof link);
  __u32 length = sizeof link;
  if (bpf_obj_get_info_by_fd(static_cast<int>(ToInt(info[0], -1)), &link, &length)) return Int(info.Env(), -errno);
  Napi::Object result = Napi::Object::New(info.Env());
  result.Set("id", Int(info.Env(), link.id));
  result.Set("progId", Int(info.Env(), link.prog_id));
  return result;
}

// (descriptor of a program) → id or -errno
Napi::Value ProgId(const Napi::CallbackInfo& info) {
  bpf_prog_info prog;
  memset(&prog, 0, sizeof prog);
  __u32 length = sizeof prog;
  if (bpf_obj_get_info_by_fd(static_cast<int>(ToInt(info[0], -1)), &prog, &length)) return Int(info.Env(), -errno);
  return Int(info.Env(), prog.id);
}

// (link's id, id of the program that it has, object, program) → {link, before} or -errno
// Takes over a link that another process has made: puts the program in the place of the one that it has, unless that is
// another than is said. `before` is the descriptor of that program, which belongs to the caller.
Napi::Value LinkTakeOver(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const bpf_program* prog = ProgramAt(info[2], info[3]);
  if (!prog) return Closed(env);
  const auto expected = static_cast<__u32>(ToInt(info[1]));
  const int before = bpf_prog_get_fd_by_id(expected);
  if (before < 0) return Int(env, -errno);
  const int fd = bpf_link_get_fd_by_id(static_cast<__u32>(ToInt(info[0])));
  if (fd < 0) {
    const int error = errno;
    close(before);
    return Int(env, -error);
  }
  Opts<bpf_link_update_opts> opts;
  opts.flags = BPF_F_REPLACE;
  opts.old_prog_fd = static_cast<__u32>(before);
  const int error = bpf_link_update(fd, bpf_program__fd(prog), &opts);
  if (error) {
    close(fd);
    close(before);
    return Int(env, error);
  }
  Napi::Object result = Napi::Object::New(env);
  result.Set("link", WrapDescriptor(env, OpenObject(info[2]), fd));
  result.Set("before", Int(env, before));
  return result;
}

// (descriptor of a link, descriptor of a program) → 0 or -errno
// Puts the program in the place of the one that the link has.
Napi::Value LinkPutBack(const Napi::CallbackInfo& info) {
  const int link = static_cast<int>(ToInt(info[0], -1)), prog = static_cast<int>(ToInt(info[1], -1));
  return Int(info.Env(), bpf_link_update(link, prog, nullptr));
}

}  // namespace

void DefineHandover(Napi::Env env, Napi::Object exports) {
  constexpr Export list[] = {
      {"handoverListen", HandoverListen},
      {"handoverAccept", HandoverAccept},
      {"handoverConnect", HandoverConnect},
      {"handoverSend", HandoverSend},
      {"handoverReceive", HandoverReceive},
      {"linkIds", LinkIds},
      {"progId", ProgId},
      {"linkTakeOver", LinkTakeOver},
      {"linkPutBack", LinkPutBack},
  };
  Define(env, exports, list, std::size(list));
}
