/*
 * A model of a disk that loses power: preloaded, it keeps in the folder $POWER_SHADOW what would survive, of everything
 * below the folder $POWER_DISK.
 *
 *   files/KEY    the bytes of a file as of its last fsync or fdatasync
 *   folders/KEY  the names in a folder as of its last fsync: lines of `f` or `d`, the KEY of what is named, the name
 *   syncs        one byte for each sync
 *
 * KEY is inode number and time of birth, so that bytes and names are durable each for themselves, as POSIX has it: a
 * rename, an unlink or a truncation counts once its folder or file has been synced, and not before. The real syncs are
 * left out, for nothing here is about the real disk.
 *
 * With $POWER_FAILS_AT=N the process kills itself at its Nth sync: before it, or after it when $POWER_FAILS_AFTER is set.
 */

#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_BYTES 64

static atomic_int syncs;

static int key_of(int folder, const char *name, char *key, mode_t *mode) {
  struct statx facts;
  int flags = AT_SYMLINK_NOFOLLOW | (*name == '\0' ? AT_EMPTY_PATH : 0);
  if (statx(folder, name, flags, STATX_BASIC_STATS | STATX_BTIME, &facts) != 0) return -1;
  long long born_ns = facts.stx_btime.tv_sec * 1000000000LL + facts.stx_btime.tv_nsec;
  snprintf(key, KEY_BYTES, "%llu-%lld", (unsigned long long)facts.stx_ino, born_ns);
  *mode = facts.stx_mode;
  return 0;
}

/* In place and in its order: killed halfway it leaves what a sync cut short may leave. */
static void keep_bytes(int file, const char *target) {
  char own[64], buffer[65536];
  snprintf(own, sizeof own, "/proc/self/fd/%d", file);
  int in = open(own, O_RDONLY | O_CLOEXEC);
  int out = open(target, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  if (in < 0 || out < 0) abort();
  off_t at = 0;
  for (ssize_t got; (got = pread(in, buffer, sizeof buffer, at)) > 0; at += got)
    if (pwrite(out, buffer, got, at) != got) abort();
  if (ftruncate(out, at) != 0) abort();
  close(in);
  close(out);
}

/* At once: a journalling file system changes a folder wholly or not at all. */
static void keep_names(const char *path, const char *target) {
  char unfinished[2 * PATH_MAX], key[KEY_BYTES];
  snprintf(unfinished, sizeof unfinished, "%s.tmp", target);
  FILE *out = fopen(unfinished, "we");
  DIR *folder = opendir(path);
  if (out == NULL || folder == NULL) abort();
  for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
    mode_t mode;
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    if (key_of(dirfd(folder), entry->d_name, key, &mode) != 0) continue;
    if (S_ISREG(mode) || S_ISDIR(mode)) fprintf(out, "%c %s %s\n", S_ISDIR(mode) ? 'd' : 'f', key, entry->d_name);
  }
  closedir(folder);
  if (fclose(out) != 0 || rename(unfinished, target) != 0) abort();
}

static void keep(int file, const char *path, const char *shadow) {
  char key[KEY_BYTES], target[PATH_MAX + KEY_BYTES + 16], log[PATH_MAX + 8];
  mode_t mode;
  if (key_of(file, "", key, &mode) != 0) return;
  snprintf(log, sizeof log, "%s/syncs", shadow);
  int turn = open(log, O_CREAT | O_APPEND | O_WRONLY | O_CLOEXEC, 0600);
  if (turn < 0 || flock(turn, LOCK_EX) != 0 || write(turn, ".", 1) != 1) abort();
  snprintf(target, sizeof target, "%s/%s/%s", shadow, S_ISDIR(mode) ? "folders" : "files", key);
  if (S_ISDIR(mode)) keep_names(path, target);
  else if (S_ISREG(mode)) keep_bytes(file, target);
  close(turn);
}

static void fail_power(void) {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

static int synced(int file) {
  const char *disk = getenv("POWER_DISK"), *shadow = getenv("POWER_SHADOW");
  if (fcntl(file, F_GETFD) < 0) return -1;
  if (disk == NULL || shadow == NULL) return 0;
  char own[64], path[PATH_MAX];
  snprintf(own, sizeof own, "/proc/self/fd/%d", file);
  ssize_t length = readlink(own, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = '\0';
  size_t depth = strlen(disk);
  if (strncmp(path, disk, depth) != 0 || (path[depth] != '/' && path[depth] != '\0')) return 0;
  const char *fails_at = getenv("POWER_FAILS_AT");
  int fails = fails_at != NULL && atomic_fetch_add(&syncs, 1) + 1 == atoi(fails_at);
  if (fails && getenv("POWER_FAILS_AFTER") == NULL) fail_power();
  keep(file, path, shadow);
  if (fails) fail_power();
  errno = 0;
  return 0;
}

int fsync(int file) { return synced(file); }
int fdatasync(int file) { return synced(file); }
