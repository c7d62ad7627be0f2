/* A library of ours with the entry points that vendors' WLT decoders have. Byte 20 of the blob says how to behave. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { GOOD, CRASH, HANG, SHORT, LONG, THIRD, FLAT, BMP, REFUSE, FILES, PRINT, CHILD, EXIT, EATER, TINY };
enum { RAW_BYTES = 38556, BMP_BYTES = 38862 };

static int ready;

/* Column, row (the last row of the picture first, as decoders write), and a constant. */
static void paint(unsigned char *out, int stride) {
  for (int row = 0; row < 126; row++)
    for (int column = 0; column < 102; column++) {
      unsigned char *pixel = out + row * stride + column * 3;
      pixel[0] = column;
      pixel[1] = 125 - row;
      pixel[2] = 77;
    }
}

static int bmp(unsigned char *out) {
  memset(out, 0, BMP_BYTES);
  memcpy(out, "BM", 2);
  *(int *)(out + 2) = BMP_BYTES;
  *(int *)(out + 10) = 54;
  *(int *)(out + 14) = 40;
  *(int *)(out + 18) = 102;
  *(int *)(out + 22) = 126;
  out[26] = 1;
  out[28] = 24;
  paint(out + 54, 308);
  return BMP_BYTES;
}

static int behave(const unsigned char *blob, unsigned char *out) {
  if (memcmp(blob, "WL\x66\0\x7e\0", 6)) return -4;
  switch (blob[20]) {
  case CRASH: raise(SIGSEGV); break;
  case HANG:
    signal(SIGTERM, SIG_IGN);
    signal(SIGALRM, SIG_IGN);
    for (;;) pause();
  case SHORT: memset(out, 9, 30000); return 1;
  case LONG: paint(out, 306); memset(out + RAW_BYTES, 7, 400); return 1;
  case FLAT: memset(out, 255, RAW_BYTES); return 1;
  case BMP: return bmp(out) > 0;
  case REFUSE: paint(out, 306); return -5;
  case FILES: {
    FILE *file = fopen((const char *)blob + 100, "wb");
    if (file) {
      fwrite(blob, 1, 1024, file);
      fclose(file);
    }
    break;
  }
  case PRINT:
    for (int i = 0; i < 100000; i++) printf("P licence will end soon\n");
    fflush(stdout);
    break;
  case CHILD:
    if (fork() == 0)
      for (;;) pause();
    break;
  case EXIT: exit(0);
  case EATER:
    for (;;) {
      char *more = malloc(1 << 24);
      if (!more) abort();
      memset(more, 1, 1 << 24);
    }
  }
  paint(out, 306);
  return 1;
}

int unpack(char *blob, char *out, int third) {
  unsigned char behaviour = blob[20];
  if (behaviour == THIRD && third != 708) return 0;
  if (behaviour == TINY) {
    memset(out, 1, 100);
    return 1;
  }
  return behave((unsigned char *)blob, (unsigned char *)out);
}

int last_rows_only(char *blob, char *out, int third) {
  memset(out + 38000, 5, RAW_BYTES - 38000);
  return 1;
}

int GetBmp(char *path, int interface) {
  unsigned char blob[1024], out[40000];
  char beside[300];
  int end = strlen(path) - 4;
  if (strcmp(path + end, ".wlt")) return -2;
  if (interface != 2) return -6;
  FILE *file = fopen(path, "rb");
  if (!file) return -3;
  if (fread(blob, 1, 1024, file) != 1024) return -4;
  fclose(file);
  if (blob[20] == TINY) return 1;
  int result = behave(blob, out);
  bmp(out);
  strcpy(beside, path);
  strcpy(beside + end, ".bmp");
  file = fopen(beside, "wb");
  if (!file) return -3;
  fwrite(out, 1, blob[20] == SHORT ? 5000 : BMP_BYTES, file);
  fclose(file);
  return result;
}

int CV_InitializeEx(const char *sam, const char *base, const char *licence) {
  return ready = !strcmp(sam, "05.03-1") && !strcmp(base, "/opt/base.dat") && *licence;
}

int CV_Decode(char *blob, int size, char *out, int format, int *room) {
  if (!ready || size != 1024 || format != 3 || *room < BMP_BYTES) return -1;
  *room = bmp((unsigned char *)out);
  if (blob[20] == SHORT) *room = 5;
  return 1;
}

int CV_Finalize(void) {
  ready = 0;
  return 1;
}

int named(unsigned char *blob, unsigned char *out, int size, const char *text) {
  if (size != 1024 || strcmp(text, "hello")) return 1;
  paint(out, 306);
  return 0;
}
