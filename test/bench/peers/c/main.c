// SPDX-License-Identifier: MIT
/* The rival in C: rival OBJECT rates ring|perf TARGET BURST SKIP LATENCIES, rival OBJECT drain, rival OBJECT tables. */
#include <bpf/libbpf_version.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "rival.h"

static uint64_t nanoseconds(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

double used(void)
{
	return (double)nanoseconds(CLOCK_PROCESS_CPUTIME_ID) / 1e9;
}

uint64_t monotonic(void)
{
	return nanoseconds(CLOCK_MONOTONIC);
}

bool asked(void)
{
	char line[256];

	return fgets(line, sizeof(line), stdin) != NULL;
}

void fail(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	exit(1);
}

struct bpf_object *open_object(const char *path)
{
	struct bpf_object *object = bpf_object__open_file(path, NULL);

	if (!object)
		fail(path);
	return object;
}

void *section(struct bpf_object *object, const char *name)
{
	size_t size;
	struct bpf_map *map = bpf_object__find_map_by_name(object, name);
	void *value = map ? bpf_map__initial_value(map, &size) : NULL;

	if (!value)
		fail(name);
	return value;
}

int map_fd(struct bpf_object *object, const char *name)
{
	const int fd = bpf_object__find_map_fd_by_name(object, name);

	if (fd < 0)
		fail(name);
	return fd;
}

int main(int argc, char **argv)
{
	const char *way = argc > 2 ? argv[2] : "";

	if (!strcmp(argv[1], "version"))
		printf("%d.%d\n", LIBBPF_MAJOR_VERSION, LIBBPF_MINOR_VERSION);
	else if (!strcmp(way, "rates") && argc == 8)
		rates(argv[1], argv + 3);
	else if (!strcmp(way, "drain"))
		drain(argv[1], argv + 3);
	else if (!strcmp(way, "tables"))
		tables(argv[1]);
	else
		return 2;
	return 0;
}
