// The headers of the machine that builds an app make it refer to functions of its own glibc and libstdc++, which a
// target with older ones does not have. Those functions are defined here, and the linker finds these definitions first:
// an app built on Debian 12 then runs on Debian 11 (glibc 2.31, GCC 10) too.
#include <features.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdarg>
#include <cstdio>
#include <vector>

#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 33)
// The C library has these as functions since 2.33; before that they were inline functions of its header. libelf calls
// the first one. libbpf, which is compiled with support for large files, calls the second one.
extern "C" __attribute__((visibility("hidden"))) int fstat(int fd, struct stat* status) noexcept {
  return static_cast<int>(syscall(SYS_fstat, fd, status));
}

extern "C" __attribute__((visibility("hidden"))) int fstat64(int fd, struct stat64* status) noexcept {
  return static_cast<int>(syscall(SYS_fstat, fd, status));
}
#endif

#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 38)
// Since 2.38 the headers replace calls of these functions by calls of variants that also read C23's binary numbers,
// such as 0b11. libbpf and bpftool were written for the older functions, so each variant is defined here to call the
// older one. The older one is declared by its assembler name, because the header would replace its C name here as well.
#define HIDDEN extern "C" __attribute__((visibility("hidden")))
#define FORWARD(type, name)                                                                   \
  extern "C" type old_##name(const char* text, char** end, int base) noexcept __asm__(#name); \
  HIDDEN type __isoc23_##name(const char* text, char** end, int base) noexcept { return old_##name(text, end, base); }
FORWARD(long, strtol)
FORWARD(unsigned long, strtoul)
FORWARD(long long, strtoll)
FORWARD(unsigned long long, strtoull)
#undef FORWARD

extern "C" int old_vsscanf(const char* text, const char* format, va_list list) __asm__("__isoc99_vsscanf");
extern "C" int old_vfscanf(FILE* file, const char* format, va_list list) __asm__("__isoc99_vfscanf");

HIDDEN int __isoc23_sscanf(const char* text, const char* format, ...) {
  va_list list;
  va_start(list, format);
  const int count = old_vsscanf(text, format, list);
  va_end(list);
  return count;
}

HIDDEN int __isoc23_fscanf(FILE* file, const char* format, ...) {
  va_list list;
  va_start(list, format);
  const int count = old_vfscanf(file, format, list);
  va_end(list);
  return count;
}
#undef HIDDEN
#endif

#if defined(__GLIBCXX__) && __GNUC__ >= 11
// Code compiled by GCC 11 and newer calls this for arrays that are too large. Before, it threw std::bad_alloc.
void std::__throw_bad_array_new_length() { std::__throw_bad_alloc(); }
#endif
