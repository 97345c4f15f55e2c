// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A list in an arena. The compiler of this project has no address spaces, so pointers are converted by hand. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct node {
	__u64 next;
	__u32 value;
	char name[12];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARENA);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 16); /* pages */
} arena SEC(".maps");

extern void *bpf_arena_alloc_pages(void *map, void *address, __u32 pages, int node, __u64 flags) __ksym;

/* for its type */
struct node type = {};
__u64 head = 0;
__u32 sum = 0;

/* The instruction that makes an address of user space one that the program can follow. */
#define IN_ARENA(address)                                           \
	({                                                          \
		__u64 place = (address);                            \
		asm volatile("r1 = %[place];"                       \
			     ".byte 0xbf, 0x11; .short 1; .long 1;" \
			     "%[place] = r1"                        \
			     : [place] "+r"(place)                  \
			     :                                      \
			     : "r1");                               \
		(struct node *)place;                               \
	})

SEC("syscall")
int allocates(void *ctx)
{
	__u64 page = (__u64)bpf_arena_alloc_pages(&arena, (void *)0, 1, -1, 0);
	struct node *node;

	if (!page)
		return 1;
	node = IN_ARENA(page);
	node->value = 42;
	node->next = head;
	node->name[0] = 'k';
	head = page;
	return 0;
}

/* A compiler with address spaces puts the variables of an arena into this section by itself. */
#define IN_ARENA_SECTION SEC(".addr_space.1")

struct node first IN_ARENA_SECTION = { .value = 5, .name = "first" };
__u64 calls IN_ARENA_SECTION = 0;

SEC("syscall")
int counts(void *ctx)
{
	__u64 *counter = (__u64 *)IN_ARENA((__u64)&calls);
	struct node *node = IN_ARENA((__u64)&first);

	asm volatile("" ::"r"(&arena));
	*counter += 1;
	node->value += 1;
	head = (__u64)&first;
	return 0;
}

SEC("syscall")
int adds(void *ctx)
{
	__u64 at = head;

	/* The kernel finds the program's arena by this. */
	asm volatile("" ::"r"(&arena));
	sum = 0;
	for (int i = 0; i < 100 && at; i++) {
		struct node *node = IN_ARENA(at);

		sum += node->value;
		at = node->next;
	}
	return 0;
}
