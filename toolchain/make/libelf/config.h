/*
 * The configuration of elfutils' libelf. autoconf is not needed, because glibc on Linux is the only target.
 *
 * zlib's is the only compression. USE_ZSTD is left out, because clang's objects never have sections that zstd has
 * compressed, and libzstd would have to be linked too. There are no locks, because libbpf uses an Elf handle from one
 * thread only.
 */
#ifndef BPF_APP_LIBELF_CONFIG_H
#define BPF_APP_LIBELF_CONFIG_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#define HAVE_DECL_MEMPCPY 1
#define HAVE_DECL_MEMRCHR 1
#define HAVE_DECL_POWEROF2 1
#define HAVE_DECL_RAWMEMCHR 1
#define HAVE_DECL_REALLOCARRAY 1
#define HAVE_ERROR_H 1
#define HAVE_ERR_H 1
#define HAVE_GCC_STRUCT 1
#define HAVE_VISIBILITY 1
#define PACKAGE_NAME "elfutils"
#define SIZEOF_LONG 8

#include <eu-config.h>

#endif
