#define _GNU_SOURCE
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

/*
 * Preloaded, it has statfs(2) say FUSE of every open file below the directory SERVED, as of a mount of another user's. Node
 * calls it by the name that takes large files; both structs are the same on 64-bit machines.
 */
int statfs64(const char *path, struct statfs64 *said)
{
	const char *served = getenv("SERVED");
	char target[PATH_MAX];
	int result = (int)syscall(SYS_statfs, path, said);
	ssize_t length;

	if (result || !served || strncmp(path, "/proc/self/fd/", 14))
		return result;
	length = readlink(path, target, sizeof(target));
	if (length > 0 && (size_t)length > strlen(served) && !strncmp(target, served, strlen(served)))
		said->f_type = 0x65735546;
	return 0;
}

int statfs(const char *path, struct statfs *said)
{
	return statfs64(path, (struct statfs64 *)said);
}
