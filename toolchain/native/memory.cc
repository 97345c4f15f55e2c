// Mapped memory as ArrayBuffers, and the end of descriptors. A mapping belongs to its ArrayBuffer and is unmapped when that is collected, never
// before: what JavaScript can still reach is always mapped. Closing what it showed only swaps the pages behind it.
#include "addon.h"

#include <sys/mman.h>
#include <unistd.h>

namespace {

Napi::Value WrapPages(Napi::Env env, void* address, size_t size) {
  if (address == MAP_FAILED) return Int(env, -errno);
  return Napi::ArrayBuffer::New(env, address, size, [size](Napi::Env, void* data) { munmap(data, size); });
}

int Protection(const Napi::Value& writable) { return ToBool(writable) ? PROT_READ | PROT_WRITE : PROT_READ; }

// (size) → zeroed, private
Napi::Value AllocatePages(const Napi::CallbackInfo& info) {
  const auto size = static_cast<size_t>(ToInt(info[0]));
  return WrapPages(info.Env(), mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), size);
}

// (fd, offset, size, writable)
Napi::Value MapPages(const Napi::CallbackInfo& info) {
  const auto size = static_cast<size_t>(ToInt(info[2]));
  void* address =
      mmap(nullptr, size, Protection(info[3]), MAP_SHARED, static_cast<int>(ToInt(info[0])), ToInt(info[1]));
  return WrapPages(info.Env(), address, size);
}

// (buffer, fd, writable): the buffer shows the file from now on, at the same address.
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

// (buffer, keep): the buffer lets go of the kernel's pages; it shows a copy of them, or zeroes.
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

// (fd): one that the addon opened. Node would warn of it in a worker, where it keeps account of its own.
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
      {"closeFd", CloseFd},
      {"pageSize", PageSize},
  };
  Define(env, exports, list, std::size(list));
}
