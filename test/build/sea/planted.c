#include <fcntl.h>
#include <unistd.h>

/* A library that somebody has planted. Whoever loads it leaves the file MARK behind. */
__attribute__((constructor)) static void loaded(void)
{
	int mark = open(MARK, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);

	if (mark >= 0)
		close(mark);
}
