// Mapped memory as ArrayBuffers, and the closing of descriptors. A mapping belongs to its ArrayBuffer. It is unmapped
// when the garbage collector frees the ArrayBuffer and never before, so that whatever JavaScript can still reach is
// mapped. When a map is closed, other pages take the place of the map's behind the same ArrayBuffer.
#include "addon.h"

#include <sys/mman.h>
#include <unistd.h>

namespace {

Napi::Value WrapPages(Napi::Env env, void* address, size_t size) {
  if (address == MAP_FAILED) return Int(env, -errno);
  return Napi::ArrayBuffer::New(env, address, size, [size](Napi::Env, void* data) { munmap(data, size); });
}

int Protection(const Napi::Value& writable) { return ToBool(writable) ? PROT_READ | PROT_WRITE : PROT_READ; }

// (size) → buffer or -errno
// The buffer's memory is private and full of zeroes.
Napi::Value AllocatePages(const Napi::CallbackInfo& info) {
  const auto size = static_cast<size_t>(ToInt(info[0]));
  return WrapPages(info.Env(), mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), size);
}

// (fd, offset, size, writable) → buffer or -errno
Napi::Value MapPages(const Napi::CallbackInfo& info) {
  const auto size = static_cast<size_t>(ToInt(info[2]));
  void* address =
      mmap(nullptr, size, Protection(info[3]), MAP_SHARED, static_cast<int>(ToInt(info[0])), ToInt(info[1]));
  return WrapPages(info.Env(), address, size);
}

// (buffer, fd, writable) → 0 or -errno
// From then on the buffer shows the file, at the same address.
Napi::Value RemapPages(const Napi::CallbackInfo& info) {
  Napi::ArrayBuffer buffer = info[0].As<Napi::ArrayBuffer>();
  const void* address = mmap(buffer.Data(),
                             buffer.ByteLength(),
                             Protection(info[2]),
                             MAP_SHARED | MAP_FIXED,
                             static_cast<int>(ToInt(info[1])),
                             0);
  return Int(info.Env(), address == MAP_FAILED ? -errno : 0);
}

// (buffer, keep) → 0 or -errno
// The buffer lets go of the kernel's pages. From then on it shows a copy of them if `keep` is true, else zeroes.
Napi::Value ReleasePages(const Napi::CallbackInfo& info) {
  Napi::ArrayBuffer buffer = info[0].As<Napi::ArrayBuffer>();
  auto* data = static_cast<uint8_t*>(buffer.Data());
  const size_t size = buffer.ByteLength();
  std::vector<uint8_t> copy;
  if (ToBool(info[1])) copy.assign(data, data + size);
  if (mmap(data, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
    return Int(info.Env(), -errno);
  if (!copy.empty()) memcpy(data, copy.data(), size);
  return Int(info.Env(), 0);
}

// (object, map) → buffer or -errno
// The memory of an arena, which libbpf has mapped at load and unmaps when it closes the object. The buffer has to be
// detached before that. For an arena that took the place of the object's own, which libbpf does not map, it is -EINVAL.
Napi::Value ArenaPages(const Napi::CallbackInfo& info) {
  bpf_map* map = MapAt(info[0], info[1]);
  if (!map) return Closed(info.Env());
  size_t globals = 0;
  void* address = const_cast<void*>(static_cast<const void*>(bpf_map__initial_value(map, &globals)));
  if (!address || static_cast<int>(bpf_map__type(map)) != kArena) return Int(info.Env(), -EINVAL);
  const size_t size = static_cast<size_t>(bpf_map__max_entries(map)) * static_cast<size_t>(sysconf(_SC_PAGESIZE));
  return Napi::ArrayBuffer::New(info.Env(), address, size, [](Napi::Env, void*) {});
}

Napi::Value AddressOf(const Napi::CallbackInfo& info) {
  Napi::ArrayBuffer buffer = info[0].As<Napi::ArrayBuffer>();
  return Napi::BigInt::New(info.Env(), static_cast<uint64_t>(reinterpret_cast<uintptr_t>(buffer.Data())));
}

// (buffer) → 0 or -errno
// From then on the buffer and its arrays are empty.
Napi::Value DetachPages(const Napi::CallbackInfo& info) {
  return Int(info.Env(), napi_detach_arraybuffer(info.Env(), info[0]) == napi_ok ? 0 : -EINVAL);
}

// (fd) → 0 or -errno
// Closes a descriptor that the addon opened. In a worker Node keeps account of the descriptors that it opened itself,
// and its own function would warn of any other.
Napi::Value CloseFd(const Napi::CallbackInfo& info) {
  return Int(info.Env(), close(static_cast<int>(ToInt(info[0], -1))) ? -errno : 0);
}

Napi::Value PageSize(const Napi::CallbackInfo& info) { return Int(info.Env(), sysconf(_SC_PAGESIZE)); }

}  // namespace

void DefineMemory(Napi::Env env, Napi::Object exports) {
  constexpr Export list[] = {
      {"allocate", AllocatePages},
      {"map", MapPages},
      {"remap", RemapPages},
      {"release", ReleasePages},
      {"arena", ArenaPages},
      {"address", AddressOf},
      {"detach", DetachPages},
      {"closeFd", CloseFd},
      {"pageSize", PageSize},
  };
  Define(env, exports, list, std::size(list));
}
