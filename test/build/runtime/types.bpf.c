// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Globals whose types have names: bpftool's header declares them by these names, and C wants them defined. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct packed {
	int number;
	char letter;
} __attribute__((packed));

typedef struct packed packed_t;
typedef u64 counter_t;
typedef int (*function_t)(struct task_struct *, packed_t *);
typedef struct {
	int inside;
} unnamed_t;

enum color { RED, GREEN };
enum wide { WIDE = 0x100000000ULL };
enum tiny { TINY } __attribute__((packed));

union both {
	int i;
	long l;
};

struct event {
	u64 first;
	struct packed second;
};
typedef struct event event;

struct packed list[3] = {};
packed_t alias = {};
counter_t counter = 5;
function_t function = 0;
enum color color = RED;
enum wide wide = WIDE;
enum tiny tiny = TINY;
union both united;
struct event by_tag = {};
event by_typedef = {};
unnamed_t unnamed = {};
struct {
	struct packed inner;
	pid_t pid;
} anonymous = {};
struct task_struct *pointer = 0;
size_t size = 0;
bool flag = false;
dev_t device = 0;
struct timespec64 time = {};
struct in6_addr address = {};

SEC("syscall")
int touch(void *ctx)
{
	counter++;
	list[1].number = 3;
	alias.letter = 'x';
	by_tag.second.number = 7;
	by_typedef.first = 8;
	unnamed.inside = 9;
	anonymous.pid = 10;
	color = GREEN;
	united.l = 11;
	flag = !flag;
	time.tv_sec = 12;
	if (function || pointer || size || device || tiny || wide != WIDE || address.in6_u.u6_addr8[0])
		return 1;
	return 0;
}
