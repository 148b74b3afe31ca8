/* A disk and a clock that misbehave, below a program that knows nothing of them (LD_PRELOAD).
 *
 * Everything that is written below one directory goes through as usual and is noted in a log outside of it:
 * what was written where, and what was synced. After a kill the test rebuilds from that log what a power cut
 * would have left (crates/server/tests/process/support/disk.rs). A control page, shared with the test, makes
 * syncs slow, stall, fail or lie, makes the disk full, makes reads and writes fail, and moves the wall clock.
 *
 * It is no sandbox: mmap and raw system calls pass it by. SQLite maps only its -shm files, which hold nothing
 * that must survive, and renames are seen in the listing that every sync of a directory notes.
 *
 *   FAULTDISK_DIR      the directory, absolute
 *   FAULTDISK_LOG      the log
 *   FAULTDISK_CONTROL  the control page, one file of at least sizeof(struct control)
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* Set by the test, in this order, each 8 octets. */
struct control {
    int64_t sync_takes_us; /* every sync takes so much longer */
    int64_t is_stalled;    /* syncs wait until this is 0 */
    int64_t is_limited;    /* files may grow by `room` more octets, no further */
    int64_t room;
    int64_t write_error; /* errno of every write, or 0 */
    int64_t sync_error;
    int64_t read_error;
    int64_t is_lying; /* syncs say yes and do nothing */
    int64_t clock_us; /* added to the wall clock */
    /* Told by us. */
    int64_t syncs;   /* done well */
    int64_t waiting; /* in a stall now */
    int64_t refused; /* calls that were made to fail */
};

enum kind { CREATE = 1, WRITE = 2, TRUNCATE = 3, SYNC = 4, SYNC_FAILED = 5, LISTING = 6 };

/* A record of the log; `len` octets follow a WRITE and a LISTING. For a SYNC `at` is where the log ended when
 * it was asked for: what is noted behind that it did not cover. */
struct record {
    uint64_t magic;
    uint64_t kind;
    uint64_t inode;
    uint64_t at;
    uint64_t len;
};
#define MAGIC 0x6b7369646c756166ULL
#define FILES 65536

struct file {
    uint64_t inode; /* 0: not watched */
    int is_directory;
    int appends;
};

static struct file files[FILES];
static volatile struct control *control;
static struct control nothing;
static char root[PATH_MAX];
static size_t root_len;
static int log_fd = -1;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_writev)(int, const struct iovec *, int);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*real_read)(int, void *, size_t);
static ssize_t (*real_pread)(int, void *, size_t, off_t);
static int (*real_open)(const char *, int, ...);
static int (*real_openat)(int, const char *, int, ...);
static int (*real_close)(int);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_ftruncate)(int, off_t);
static int (*real_fcntl)(int, int, ...);
static int (*real_clock_gettime)(clockid_t, struct timespec *);
static ssize_t (*real_copy_file_range)(int, off64_t *, int, off64_t *, size_t, unsigned int);
static ssize_t (*real_sendfile)(int, int, off_t *, size_t);

static void find_real(void)
{
    if (real_clock_gettime != NULL)
        return;
    real_write = dlsym(RTLD_NEXT, "write");
    real_writev = dlsym(RTLD_NEXT, "writev");
    real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
    real_read = dlsym(RTLD_NEXT, "read");
    real_pread = dlsym(RTLD_NEXT, "pread64");
    real_open = dlsym(RTLD_NEXT, "open64");
    real_openat = dlsym(RTLD_NEXT, "openat64");
    real_close = dlsym(RTLD_NEXT, "close");
    real_fsync = dlsym(RTLD_NEXT, "fsync");
    real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
    real_ftruncate = dlsym(RTLD_NEXT, "ftruncate64");
    real_fcntl = dlsym(RTLD_NEXT, "fcntl64");
    if (real_fcntl == NULL)
        real_fcntl = dlsym(RTLD_NEXT, "fcntl");
    real_copy_file_range = dlsym(RTLD_NEXT, "copy_file_range");
    real_sendfile = dlsym(RTLD_NEXT, "sendfile64");
    real_clock_gettime = dlsym(RTLD_NEXT, "clock_gettime");
}

__attribute__((constructor)) static void start(void)
{
    find_real();
    control = &nothing;
    const char *directory = getenv("FAULTDISK_DIR");
    const char *log = getenv("FAULTDISK_LOG");
    const char *page = getenv("FAULTDISK_CONTROL");
    if (directory == NULL || log == NULL || page == NULL)
        return;
    int fd = real_open(page, O_RDWR | O_CLOEXEC);
    void *mapped = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    log_fd = real_open(log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (mapped == MAP_FAILED || log_fd < 0 || strlen(directory) >= sizeof root) {
        static const char why[] = "faultdisk: the control page or the log cannot be used\n";
        real_write(2, why, sizeof why - 1);
        _exit(97);
    }
    real_close(fd);
    control = mapped;
    root_len = strlen(strcpy(root, directory));
}

static void note(enum kind kind, uint64_t inode, uint64_t at, const void *octets, uint64_t len)
{
    struct record record = {MAGIC, kind, inode, at, len};
    struct iovec pieces[2] = {{&record, sizeof record}, {(void *)octets, octets == NULL ? 0 : len}};
    size_t whole = pieces[0].iov_len + pieces[1].iov_len;
    if (real_writev(log_fd, pieces, 2) != (ssize_t)whole) {
        static const char why[] = "faultdisk: the log cannot be written\n";
        real_write(2, why, sizeof why - 1);
        _exit(98);
    }
}

static struct file *watched(int fd)
{
    return fd >= 0 && fd < FILES && files[fd].inode != 0 ? &files[fd] : NULL;
}

static void refuse(int64_t error)
{
    __atomic_fetch_add(&control->refused, 1, __ATOMIC_SEQ_CST);
    errno = (int)error;
}

/* ---- opening and closing ---- */

static int begin_watching(int fd, int flags, int was_there)
{
    char link[64], path[PATH_MAX];
    struct stat64 stat;
    int saved = errno;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t len = readlink(link, path, sizeof path - 1);
    errno = saved;
    if (len < (ssize_t)root_len || fd >= FILES)
        return fd;
    path[len] = 0;
    int is_inside = strncmp(path, root, root_len) == 0 && (path[root_len] == '/' || path[root_len] == 0);
    int is_shared_memory = len > 4 && strcmp(path + len - 4, "-shm") == 0;
    if (!is_inside || is_shared_memory || fstat64(fd, &stat) != 0)
        return fd;
    if (!S_ISREG(stat.st_mode) && !S_ISDIR(stat.st_mode))
        return fd;
    files[fd] = (struct file){stat.st_ino, S_ISDIR(stat.st_mode), (flags & O_APPEND) != 0};
    if (!was_there)
        note(CREATE, stat.st_ino, 0, NULL, 0);
    else if ((flags & O_TRUNC) && S_ISREG(stat.st_mode))
        note(TRUNCATE, stat.st_ino, 0, NULL, 0);
    return fd;
}

static int open_at(int directory, const char *path, int flags, mode_t mode)
{
    find_real();
    if (log_fd < 0)
        return real_openat(directory, path, flags, mode);
    pthread_mutex_lock(&lock);
    int saved = errno;
    int was_there = !(flags & O_CREAT) || faccessat(directory, path, F_OK, 0) == 0;
    errno = saved;
    int fd = real_openat(directory, path, flags, mode);
    if (fd >= 0)
        begin_watching(fd, flags, was_there);
    pthread_mutex_unlock(&lock);
    return fd;
}

#define MODE(flags)                                                                                                    \
    mode_t mode = 0;                                                                                                   \
    if ((flags) & (O_CREAT | O_TMPFILE)) {                                                                             \
        va_list more;                                                                                                  \
        va_start(more, flags);                                                                                         \
        mode = va_arg(more, mode_t);                                                                                   \
        va_end(more);                                                                                                  \
    }

int open(const char *path, int flags, ...)
{
    MODE(flags);
    return open_at(AT_FDCWD, path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
    MODE(flags);
    return open_at(AT_FDCWD, path, flags, mode);
}

int openat(int directory, const char *path, int flags, ...)
{
    MODE(flags);
    return open_at(directory, path, flags, mode);
}

int openat64(int directory, const char *path, int flags, ...)
{
    MODE(flags);
    return open_at(directory, path, flags, mode);
}

int creat(const char *path, mode_t mode)
{
    return open_at(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

int creat64(const char *path, mode_t mode)
{
    return open_at(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

int close(int fd)
{
    find_real();
    if (watched(fd))
        files[fd].inode = 0;
    return real_close(fd);
}

static int duplicated(int from, int to)
{
    if (to >= 0 && to < FILES && watched(from))
        files[to] = files[from];
    return to;
}

int fcntl(int fd, int command, ...)
{
    find_real();
    va_list more;
    va_start(more, command);
    void *argument = va_arg(more, void *);
    va_end(more);
    int result = real_fcntl(fd, command, argument);
    return command == F_DUPFD || command == F_DUPFD_CLOEXEC ? duplicated(fd, result) : result;
}

int fcntl64(int fd, int command, ...)
{
    va_list more;
    va_start(more, command);
    void *argument = va_arg(more, void *);
    va_end(more);
    return fcntl(fd, command, argument);
}

int dup2(int from, int to)
{
    static int (*real)(int, int);
    if (real == NULL)
        real = dlsym(RTLD_NEXT, "dup2");
    int result = real(from, to);
    if (result >= 0 && result < FILES && from != to)
        files[result] = from >= 0 && from < FILES ? files[from] : (struct file){0, 0, 0};
    return result;
}

/* ---- writing ---- */

/* How many of `len` octets at `at` there is room for; takes the room. */
static size_t take_room(int fd, off_t at, size_t len)
{
    struct stat64 stat;
    if (!control->is_limited || fstat64(fd, &stat) != 0 || at + (off_t)len <= stat.st_size)
        return len;
    int64_t growth = at + (int64_t)len - stat.st_size;
    int64_t room = control->room;
    if (growth <= room) {
        control->room = room - growth;
        return len;
    }
    control->room = 0;
    int64_t fits = (int64_t)len - (growth - room);
    return fits > 0 ? (size_t)fits : 0;
}

static ssize_t write_at(int fd, const void *octets, size_t len, off_t at, int moves)
{
    if (control->write_error) {
        refuse(control->write_error);
        return -1;
    }
    pthread_mutex_lock(&lock);
    if (moves) {
        int saved = errno;
        at = files[fd].appends ? lseek64(fd, 0, SEEK_END) : lseek64(fd, 0, SEEK_CUR);
        errno = saved;
    }
    size_t fits = take_room(fd, at, len);
    ssize_t done;
    if (fits == 0 && len > 0) {
        refuse(ENOSPC);
        done = -1;
    } else {
        done = moves ? real_write(fd, octets, fits) : real_pwrite(fd, octets, fits, at);
        if (done > 0)
            note(WRITE, files[fd].inode, at, octets, done);
    }
    pthread_mutex_unlock(&lock);
    return done;
}

ssize_t write(int fd, const void *octets, size_t len)
{
    find_real();
    return watched(fd) ? write_at(fd, octets, len, 0, 1) : real_write(fd, octets, len);
}

ssize_t writev(int fd, const struct iovec *pieces, int count)
{
    find_real();
    if (!watched(fd))
        return real_writev(fd, pieces, count);
    /* One piece at a time; a short write is allowed. */
    for (int at = 0; at < count; at++)
        if (pieces[at].iov_len > 0)
            return write_at(fd, pieces[at].iov_base, pieces[at].iov_len, 0, 1);
    return 0;
}

ssize_t pwrite64(int fd, const void *octets, size_t len, off64_t at)
{
    find_real();
    return watched(fd) ? write_at(fd, octets, len, at, 0) : real_pwrite(fd, octets, len, at);
}

ssize_t pwrite(int fd, const void *octets, size_t len, off_t at)
{
    return pwrite64(fd, octets, len, at);
}

int ftruncate64(int fd, off64_t len)
{
    find_real();
    struct file *file = watched(fd);
    if (file == NULL)
        return real_ftruncate(fd, len);
    if (control->write_error) {
        refuse(control->write_error);
        return -1;
    }
    pthread_mutex_lock(&lock);
    int result = real_ftruncate(fd, len);
    if (result == 0)
        note(TRUNCATE, file->inode, len, NULL, 0);
    pthread_mutex_unlock(&lock);
    return result;
}

int ftruncate(int fd, off_t len)
{
    return ftruncate64(fd, len);
}

/* What would write past us is refused, so that callers fall back to read and write. */
ssize_t copy_file_range(int from, off64_t *from_at, int to, off64_t *to_at, size_t len, unsigned int flags)
{
    find_real();
    if (watched(to)) {
        errno = ENOSYS;
        return -1;
    }
    return real_copy_file_range(from, from_at, to, to_at, len, flags);
}

ssize_t sendfile64(int to, int from, off64_t *at, size_t len)
{
    find_real();
    if (watched(to)) {
        errno = EINVAL;
        return -1;
    }
    return real_sendfile(to, from, at, len);
}

ssize_t sendfile(int to, int from, off_t *at, size_t len)
{
    return sendfile64(to, from, at, len);
}

/* ---- reading ---- */

ssize_t read(int fd, void *octets, size_t len)
{
    find_real();
    if (watched(fd) && control->read_error) {
        refuse(control->read_error);
        return -1;
    }
    return real_read(fd, octets, len);
}

ssize_t pread64(int fd, void *octets, size_t len, off64_t at)
{
    find_real();
    if (watched(fd) && control->read_error) {
        refuse(control->read_error);
        return -1;
    }
    return real_pread(fd, octets, len, at);
}

ssize_t pread(int fd, void *octets, size_t len, off_t at)
{
    return pread64(fd, octets, len, at);
}

/* ---- syncing ---- */

static void pause_us(int64_t us)
{
    struct timespec time = {us / 1000000, us % 1000000 * 1000};
    nanosleep(&time, NULL);
}

/* The names in a directory: for each the inode, 1 for a directory, the length of the name, the name. */
static void note_listing(int fd, uint64_t inode)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    DIR *directory = opendir(path);
    char *list = NULL;
    size_t len = 0;
    struct dirent64 *entry;
    while (directory != NULL && (entry = readdir64(directory)) != NULL) {
        size_t name = strlen(entry->d_name);
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        list = realloc(list, len + 16 + name);
        if (list == NULL)
            _exit(99);
        uint64_t ino = entry->d_ino;
        uint32_t is_directory = entry->d_type == DT_DIR, name_len = (uint32_t)name;
        memcpy(list + len, &ino, 8);
        memcpy(list + len + 8, &is_directory, 4);
        memcpy(list + len + 12, &name_len, 4);
        memcpy(list + len + 16, entry->d_name, name);
        len += 16 + name;
    }
    if (directory != NULL)
        closedir(directory);
    note(LISTING, inode, 0, list == NULL ? "" : list, len);
    free(list);
}

static int sync_watched(int fd)
{
    struct file file = files[fd];
    off64_t end = lseek64(log_fd, 0, SEEK_END);
    if (control->sync_takes_us > 0)
        pause_us(control->sync_takes_us);
    if (control->is_stalled) {
        __atomic_fetch_add(&control->waiting, 1, __ATOMIC_SEQ_CST);
        while (control->is_stalled)
            pause_us(5000);
        __atomic_fetch_add(&control->waiting, -1, __ATOMIC_SEQ_CST);
    }
    if (control->sync_error) {
        pthread_mutex_lock(&lock);
        note(SYNC_FAILED, file.inode, end, NULL, 0);
        pthread_mutex_unlock(&lock);
        refuse(control->sync_error);
        return -1;
    }
    if (control->is_lying)
        return 0;
    pthread_mutex_lock(&lock);
    if (file.is_directory)
        note_listing(fd, file.inode);
    else
        note(SYNC, file.inode, end, NULL, 0);
    pthread_mutex_unlock(&lock);
    __atomic_fetch_add(&control->syncs, 1, __ATOMIC_SEQ_CST);
    return 0;
}

int fsync(int fd)
{
    find_real();
    return watched(fd) ? sync_watched(fd) : real_fsync(fd);
}

int fdatasync(int fd)
{
    find_real();
    return watched(fd) ? sync_watched(fd) : real_fdatasync(fd);
}

/* ---- the clock ---- */

int clock_gettime(clockid_t clock, struct timespec *time)
{
    find_real();
    int result = real_clock_gettime(clock, time);
    if (result == 0 && control != NULL && control->clock_us != 0
        && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
        int64_t ns = time->tv_nsec + control->clock_us % 1000000 * 1000;
        time->tv_sec += control->clock_us / 1000000 + (ns >= 1000000000) - (ns < 0);
        time->tv_nsec = ns - (ns >= 1000000000 ? 1000000000 : 0) + (ns < 0 ? 1000000000 : 0);
    }
    return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    struct timespec time;
    (void)zone;
    int result = clock_gettime(CLOCK_REALTIME, &time);
    now->tv_sec = time.tv_sec;
    now->tv_usec = time.tv_nsec / 1000;
    return result;
}

time_t time(time_t *out)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out != NULL)
        *out = now.tv_sec;
    return now.tv_sec;
}
