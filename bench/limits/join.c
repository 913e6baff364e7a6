/*
 * All pairs of 64-bit hashes within distance 8, exact: the bucket join over four blocks of bits. Two hashes within 8 bits
 * differ by at most 2 bits in the first block or 1 bit in one of the others (the radii sum to 8 - 4 + 1). Hashes are
 * sorted by a block's bits; each bucket is joined with every bucket within the radius; pairs that an earlier block has
 * found are passed over. Every pair is written down (two indices and the distance).
 *
 * join FILE COUNT: prints seconds and pairs.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BLOCKS = 4, DISTANCE = 8, CHUNK_PAIRS = 1 << 18, MAX_CHUNKS = 4096 };

static int width[BLOCKS], shift[BLOCKS];
static const int radius[BLOCKS] = {2, 1, 1, 1};

static uint32_t *chunks[MAX_CHUNKS];
static long pair_count;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static inline uint32_t key_of(uint64_t hash, int block) {
  return (uint32_t)(hash >> shift[block]) & ((1u << width[block]) - 1);
}

static inline int found_before(uint64_t difference, int block) {
  for (int earlier = 0; earlier < block; earlier++)
    if (__builtin_popcount(key_of(difference, earlier)) <= radius[earlier]) return 1;
  return 0;
}

static void keep(uint32_t a, uint32_t b, uint32_t distance) {
  long chunk = pair_count / CHUNK_PAIRS;
  if (chunk >= MAX_CHUNKS) exit(3);
  if (chunks[chunk] == NULL) chunks[chunk] = malloc(sizeof(uint32_t) * 3 * CHUNK_PAIRS);
  uint32_t *at = chunks[chunk] + 3 * (pair_count % CHUNK_PAIRS);
  at[0] = a < b ? a : b;
  at[1] = a < b ? b : a;
  at[2] = distance;
  pair_count++;
}

/* Compares one hash with a run of others: first counts, which the compiler turns into vectors, then looks for the hits. */
static inline void compare(uint64_t hash, uint32_t item, const uint64_t *others, const uint32_t *items, uint32_t count,
                           int block) {
  uint32_t hits = 0;
  for (uint32_t i = 0; i < count; i++) hits += __builtin_popcountll(hash ^ others[i]) <= DISTANCE;
  if (hits == 0) return;
  for (uint32_t i = 0; i < count; i++) {
    uint64_t difference = hash ^ others[i];
    int distance = __builtin_popcountll(difference);
    if (distance <= DISTANCE && !found_before(difference, block)) keep(item, items[i], (uint32_t)distance);
  }
}

static void join(const uint64_t *hashes, uint32_t count, int block) {
  uint32_t buckets = 1u << width[block];
  uint32_t *start = calloc(buckets + 2, sizeof *start);
  uint64_t *sorted = malloc(sizeof *sorted * count);
  uint32_t *items = malloc(sizeof *items * count);
  for (uint32_t i = 0; i < count; i++) start[key_of(hashes[i], block) + 2]++;
  for (uint32_t i = 2; i < buckets + 2; i++) start[i] += start[i - 1];
  for (uint32_t i = 0; i < count; i++) {
    uint32_t place = start[key_of(hashes[i], block) + 1]++;
    sorted[place] = hashes[i];
    items[place] = i;
  }
  uint32_t masks[256];
  int mask_count = 0;
  for (int a = 0; a < width[block]; a++) {
    masks[mask_count++] = 1u << a;
    if (radius[block] == 2)
      for (int b = a + 1; b < width[block]; b++) masks[mask_count++] = 1u << a | 1u << b;
  }
  for (uint32_t bucket = 0; bucket < buckets; bucket++) {
    uint32_t from = start[bucket], to = start[bucket + 1];
    if (from == to) continue;
    for (uint32_t i = from; i < to; i++)
      compare(sorted[i], items[i], sorted + i + 1, items + i + 1, to - i - 1, block);
    for (int m = 0; m < mask_count; m++) {
      uint32_t other = bucket ^ masks[m];
      if (other < bucket) continue;
      uint32_t other_from = start[other], other_count = start[other + 1] - other_from;
      if (other_count == 0) continue;
      for (uint32_t i = from; i < to; i++)
        compare(sorted[i], items[i], sorted + other_from, items + other_from, other_count, block);
    }
  }
  free(start);
  free(sorted);
  free(items);
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  uint32_t count = (uint32_t)atol(argv[2]);
  uint64_t *hashes = malloc(sizeof *hashes * count);
  FILE *file = fopen(argv[1], "rb");
  if (file == NULL || fread(hashes, sizeof *hashes, count, file) != count) return 2;
  int large = count >= 500000, at = 0;
  for (int block = 0; block < BLOCKS; block++) {
    width[block] = !large ? 16 : block == 0 ? 19 : 15;
    shift[block] = at;
    at += width[block];
  }
  double started = now();
  for (int block = 0; block < BLOCKS; block++) join(hashes, count, block);
  printf("%.6f %ld\n", now() - started, pair_count);
  return 0;
}
