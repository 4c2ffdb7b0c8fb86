/* The clock of the machine, as many seconds ahead as the file CLOCK_AHEAD says.

   For LD_PRELOAD: every process of a service follows the file at once. Clocks that only
   measure how long something takes run on. A file that was open for writing gets the time
   of this clock. libfaketime 0.9.10 is no choice: it breaks Python's time.sleep. */

#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile long none = 0;
static const volatile long *ahead = &none;

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("CLOCK_AHEAD");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) return;
    void *seconds = mmap(NULL, sizeof(long), PROT_READ, MAP_SHARED, file, 0);
    if (seconds != MAP_FAILED) ahead = seconds;
    close(file);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    int failed = syscall(SYS_clock_gettime, clock, now);
    if (!failed && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        now->tv_sec += *ahead;
    return failed;
}

int gettimeofday(struct timeval *now, void *zone) {
    int failed = syscall(SYS_gettimeofday, now, zone);
    if (!failed) now->tv_sec += *ahead;
    return failed;
}

time_t time(time_t *kept) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (kept) *kept = now.tv_sec;
    return now.tv_sec;
}

static void stamp(int file) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    const struct timespec both[2] = {now, now};
    futimens(file, both);
}

int fsync(int file) {
    stamp(file);
    return syscall(SYS_fsync, file);
}

int fdatasync(int file) {
    stamp(file);
    return syscall(SYS_fdatasync, file);
}

/* DuckDB writes to a file once more after it has flushed it. */
int close(int file) {
    struct stat kind;
    int mode = fcntl(file, F_GETFL);
    if (mode >= 0 && (mode & O_ACCMODE) != O_RDONLY && !fstat(file, &kind)
        && S_ISREG(kind.st_mode))
        stamp(file);
    return syscall(SYS_close, file);
}
