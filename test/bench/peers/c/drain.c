// SPDX-License-Identifier: MIT
/* Fills a ring and reads it, by ring_buffer__consume. */
#include <stdio.h>

#include "rival.h"

static uint64_t count, sum;

static int seen(void *context, void *data, size_t size)
{
	const struct event *event = data;

	(void)context;
	(void)size;
	count++;
	sum += event->pid + event->duration;
	return 0;
}

void drain(const char *path, char **argv)
{
	struct bpf_object *object = open_object(path);

	(void)argv;
	if (bpf_object__load(object))
		fail("bpf_object__load");
	const int program = bpf_program__fd(bpf_object__find_program_by_name(object, "produce"));
	struct ring_buffer *ring = ring_buffer__new(map_fd(object, "rb"), seen, NULL, NULL);
	struct work work = { .count = (DRAIN_SIZE - 1) / (sizeof(struct event) + 8) };
	LIBBPF_OPTS(bpf_test_run_opts, options, .ctx_in = &work, .ctx_size_in = sizeof(work));

	if (!ring)
		fail("ring_buffer__new");
	while (asked()) {
		const double before = used();

		if (bpf_prog_test_run_opts(program, &options))
			fail("bpf_prog_test_run_opts");
		const double begun = used();

		count = sum = 0;
		ring_buffer__consume(ring);
		printf("{\"produce\":%.9f,\"c\":%.9f,\"count\":%lu,\"sum\":%lu}\n", begun - before, used() - begun,
		       count, sum);
		fflush(stdout);
	}
	ring_buffer__free(ring);
	bpf_object__close(object);
}
