/*
 * What a C program needs to look at JPEGs: read, decode every pixel, shrink to 256 pixels by box filter, dHash, DCT pHash,
 * tone statistics, colourfulness, Laplacian at two scales, and a JPEG thumbnail.
 *
 * inspect LIST: paths, one a line. Prints how many were read and a sum that keeps the compiler honest.
 */
#include <math.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <jpeglib.h>

enum { SIDE = 256 };

struct failure {
  struct jpeg_error_mgr manager;
  jmp_buf back;
};

static void fail(j_common_ptr info) { longjmp(((struct failure *)info->err)->back, 1); }
static void be_quiet(j_common_ptr info, int level) {
  (void)info;
  (void)level;
}

static uint8_t *pixels;
static size_t pixels_capacity;
static uint8_t reduced[SIDE * SIDE * 3];
static uint8_t luma[SIDE * SIDE];
static uint8_t half[SIDE * SIDE / 4];
static double cosines[8][32];

static int decode(const uint8_t *bytes, size_t size, int *width, int *height, int *channels) {
  struct jpeg_decompress_struct decoder;
  struct failure failure;
  decoder.err = jpeg_std_error(&failure.manager);
  failure.manager.error_exit = fail;
  failure.manager.emit_message = be_quiet;
  jpeg_create_decompress(&decoder);
  if (setjmp(failure.back)) {
    jpeg_destroy_decompress(&decoder);
    return 0;
  }
  jpeg_mem_src(&decoder, bytes, size);
  jpeg_read_header(&decoder, TRUE);
  if (decoder.num_components == 3) decoder.out_color_space = JCS_RGB;
  jpeg_start_decompress(&decoder);
  *width = decoder.output_width;
  *height = decoder.output_height;
  *channels = decoder.output_components;
  size_t row = (size_t)*width * *channels;
  if (row * *height > pixels_capacity) {
    pixels_capacity = row * *height;
    free(pixels);
    pixels = malloc(pixels_capacity);
  }
  while (decoder.output_scanline < decoder.output_height) {
    JSAMPROW rows[16];
    int count = 0;
    for (; count < 16 && decoder.output_scanline + count < decoder.output_height; count++)
      rows[count] = pixels + row * (decoder.output_scanline + count);
    jpeg_read_scanlines(&decoder, rows, count);
  }
  jpeg_finish_decompress(&decoder);
  jpeg_destroy_decompress(&decoder);
  return 1;
}

/* Each target pixel is the mean of the source pixels it covers. */
static void shrink(const uint8_t *source, int width, int height, int channels, uint8_t *target, int columns, int rows,
                   int kept) {
  static uint32_t sums[SIDE * 3];
  for (int y = 0; y < rows; y++) {
    int top = (int)((long)y * height / rows), bottom = (int)((long)(y + 1) * height / rows);
    if (bottom <= top) bottom = top + 1;
    memset(sums, 0, sizeof sums);
    for (int line = top; line < bottom; line++) {
      const uint8_t *at = source + (size_t)line * width * channels;
      for (int x = 0; x < columns; x++) {
        int left = (int)((long)x * width / columns), right = (int)((long)(x + 1) * width / columns);
        if (right <= left) right = left + 1;
        uint32_t a = 0, b = 0, c = 0;
        if (kept == 3)
          for (int i = left; i < right; i++) {
            a += at[i * channels];
            b += at[i * channels + 1];
            c += at[i * channels + 2];
          }
        else
          for (int i = left; i < right; i++) a += at[i * channels];
        sums[x * kept] += a;
        if (kept == 3) {
          sums[x * 3 + 1] += b;
          sums[x * 3 + 2] += c;
        }
      }
    }
    for (int x = 0; x < columns; x++) {
      int left = (int)((long)x * width / columns), right = (int)((long)(x + 1) * width / columns);
      uint32_t count = (uint32_t)((right > left ? right - left : 1) * (bottom - top));
      for (int i = 0; i < kept; i++) target[(y * columns + x) * kept + i] = sums[x * kept + i] / count;
    }
  }
}

static double laplacian(const uint8_t *grey, int width, int height) {
  long sum = 0, squares = 0, count = 0;
  for (int y = 1; y < height - 1; y++)
    for (int x = 1; x < width - 1; x++) {
      const uint8_t *at = grey + y * width + x;
      int value = 4 * at[0] - at[-1] - at[1] - at[-width] - at[width];
      sum += value;
      squares += value * value;
      count++;
    }
  if (count == 0) return 0;
  double mean = (double)sum / count;
  return (double)squares / count - mean * mean;
}

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double measure(const uint8_t *image, int width, int height, int channels) {
  int count = width * height;
  uint32_t histogram[256] = {0};
  double rg = 0, rg2 = 0, yb = 0, yb2 = 0;
  long red = 0, green = 0, blue = 0;
  for (int i = 0; i < count; i++) {
    if (channels == 3) {
      int r = image[i * 3], g = image[i * 3 + 1], b = image[i * 3 + 2];
      luma[i] = (uint8_t)((r * 77 + g * 150 + b * 29) >> 8);
      int d = r - g, e = r + g - 2 * b;
      rg += d;
      rg2 += d * d;
      yb += e;
      yb2 += e * e;
      red += r;
      green += g;
      blue += b;
    } else
      luma[i] = image[i];
    histogram[luma[i]]++;
  }
  double entropy = 0, mean = 0, squares = 0;
  for (int i = 0; i < 256; i++)
    if (histogram[i] > 0) {
      double share = (double)histogram[i] / count;
      entropy -= share * log2(share);
      mean += i * share;
      squares += (double)i * i * share;
    }
  double contrast = sqrt(fmax(0, squares - mean * mean));
  static const double shares[] = {0.01, 0.05, 0.5, 0.95, 0.99};
  int percentiles = 0;
  for (int s = 0; s < 5; s++) {
    uint32_t seen = 0;
    int value = 0;
    for (; value < 255 && (seen += histogram[value]) < shares[s] * count; value++) {
    }
    percentiles += value;
  }
  double colour = sqrt(fabs(rg2 / count - rg * rg / count / count) + fabs(yb2 / count - yb * yb / count / count) / 4);
  for (int y = 0; y < height / 2; y++)
    for (int x = 0; x < width / 2; x++) {
      const uint8_t *at = luma + 2 * y * width + 2 * x;
      half[y * (width / 2) + x] = (uint8_t)((at[0] + at[1] + at[width] + at[width + 1]) / 4);
    }
  double sharpness = laplacian(luma, width, height) + laplacian(half, width / 2, height / 2);
  uint8_t gradient[9 * 8], small[32 * 32];
  shrink(luma, width, height, 1, gradient, 9, 8, 1);
  shrink(luma, width, height, 1, small, 32, 32, 1);
  uint64_t d_hash = 0, p_hash = 0;
  for (int y = 0; y < 8; y++)
    for (int x = 0; x < 8; x++)
      if (gradient[y * 9 + x] < gradient[y * 9 + x + 1]) d_hash |= 1ull << (y * 8 + x);
  double rows[32][8], coefficients[64], sorted[63];
  for (int y = 0; y < 32; y++)
    for (int u = 0; u < 8; u++) {
      rows[y][u] = 0;
      for (int x = 0; x < 32; x++) rows[y][u] += small[y * 32 + x] * cosines[u][x];
    }
  for (int v = 0; v < 8; v++)
    for (int u = 0; u < 8; u++) {
      coefficients[v * 8 + u] = 0;
      for (int y = 0; y < 32; y++) coefficients[v * 8 + u] += rows[y][u] * cosines[v][y];
    }
  memcpy(sorted, coefficients + 1, sizeof sorted);
  qsort(sorted, 63, sizeof *sorted, compare);
  for (int i = 0; i < 64; i++)
    if (coefficients[i] > sorted[31]) p_hash |= 1ull << i;
  return entropy + contrast + colour + sharpness + percentiles + (red + green + blue) % 7 +
         __builtin_popcountll(d_hash ^ p_hash);
}

static unsigned long thumbnail(uint8_t *image, int width, int height, int channels) {
  struct jpeg_compress_struct encoder;
  struct jpeg_error_mgr manager;
  static uint8_t *output = NULL;
  static unsigned long capacity = SIDE * SIDE * 3 + 65536;
  if (output == NULL) output = malloc(capacity);
  uint8_t *buffer = output;
  unsigned long size = capacity;
  encoder.err = jpeg_std_error(&manager);
  jpeg_create_compress(&encoder);
  jpeg_mem_dest(&encoder, &buffer, &size);
  encoder.image_width = width;
  encoder.image_height = height;
  encoder.input_components = channels;
  encoder.in_color_space = channels == 3 ? JCS_RGB : JCS_GRAYSCALE;
  jpeg_set_defaults(&encoder);
  jpeg_set_quality(&encoder, 80, TRUE);
  jpeg_start_compress(&encoder, TRUE);
  while (encoder.next_scanline < encoder.image_height) {
    JSAMPROW row = image + (size_t)encoder.next_scanline * width * channels;
    jpeg_write_scanlines(&encoder, &row, 1);
  }
  jpeg_finish_compress(&encoder);
  jpeg_destroy_compress(&encoder);
  return size;
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  FILE *list = fopen(argv[1], "r");
  if (list == NULL) return 2;
  for (int u = 0; u < 8; u++)
    for (int x = 0; x < 32; x++) cosines[u][x] = cos((2 * x + 1) * u * M_PI / 64);
  char path[4096];
  uint8_t *bytes = NULL;
  size_t capacity = 0;
  long count = 0;
  double sum = 0;
  while (fgets(path, sizeof path, list) != NULL) {
    path[strcspn(path, "\n")] = 0;
    FILE *file = fopen(path, "rb");
    if (file == NULL) continue;
    setvbuf(file, NULL, _IONBF, 0);
    fseek(file, 0, SEEK_END);
    size_t size = ftell(file);
    rewind(file);
    if (size > capacity) bytes = realloc(bytes, capacity = size);
    if (fread(bytes, 1, size, file) != size) return 1;
    fclose(file);
    int width, height, channels;
    if (!decode(bytes, size, &width, &height, &channels)) continue;
    int longest = width > height ? width : height, kept = channels == 1 ? 1 : 3;
    int columns = width, rows = height;
    if (longest > SIDE) {
      columns = (int)fmax(1, lround((double)width * SIDE / longest));
      rows = (int)fmax(1, lround((double)height * SIDE / longest));
    }
    shrink(pixels, width, height, channels, reduced, columns, rows, kept);
    sum += measure(reduced, columns, rows, kept) + thumbnail(reduced, columns, rows, kept);
    count++;
  }
  printf("%ld %.0f\n", count, sum);
  return 0;
}
