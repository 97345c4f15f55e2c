/* SPDX-License-Identifier: MIT */
/* What the parts of the rival in C share. Each case prints a line of JSON whenever it is asked by a line. */
#ifndef RIVAL_H
#define RIVAL_H

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/types.h>
#include <stdbool.h>
#include <stdint.h>

#include "peers.h"

/* Seconds of processor time of this process. */
double used(void);
/* CLOCK_MONOTONIC in nanoseconds, which bpf_ktime_get_ns reads too. */
uint64_t monotonic(void);
/* Waits for a line. Returns false at the end of the input. */
bool asked(void);
/* Prints what failed, with the error's name, and exits. */
void fail(const char *what);
/* Opens the object; fails if it cannot be opened. */
struct bpf_object *open_object(const char *path);
/* What the only variable of the section holds, mapped. */
void *section(struct bpf_object *object, const char *name);
int map_fd(struct bpf_object *object, const char *name);

/* The cases, which read further arguments. */
void rates(const char *path, char **argv);
void drain(const char *path, char **argv);
void tables(const char *path);

#endif
