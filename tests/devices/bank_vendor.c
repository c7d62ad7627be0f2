/* A library of ours with the entry point that banks' libraries have. It plays the pad and the bank's books, kept in the
   file `books` beside it, because every call is a process of its own. The file `mood` there says how to behave. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct books {
  int voucher, reference, signed_in, batch;
  char last_type[3], last_fen[13], last_voucher[7], last_reference[13];
  char voided[64][7];
  int voids;
  long charged, held;
};

static struct books b;

static void load(void) {
  FILE *f = fopen("books", "rb");
  memset(&b, 0, sizeof b);
  if (f) {
    if (fread(&b, sizeof b, 1, f) != 1) memset(&b, 0, sizeof b);
    fclose(f);
  }
}

static void save(void) {
  FILE *f = fopen("books.new", "wb");
  fwrite(&b, sizeof b, 1, f);
  fclose(f);
  rename("books.new", "books");
  f = fopen("totals.new", "w");
  fprintf(f, "%ld %ld %d", b.charged, b.held, b.signed_in);
  fclose(f);
  rename("totals.new", "totals");
}

static int mood(const char *word) {
  char text[40] = "";
  FILE *f = fopen("mood", "r");
  if (!f) return 0;
  if (!fgets(text, sizeof text, f)) text[0] = 0;
  fclose(f);
  return !strcmp(text, word);
}

static void put(char *resp, int at, const char *text) { memcpy(resp + at, text, strlen(text)); }

static void answer(char *resp, const char *rc, const char *text) {
  memcpy(resp, rc, 2);
  put(resp, 44, text);
}

static void last(char *resp) {
  put(resp, 2, "0102");
  put(resp, 6, "622202******1234");
  put(resp, 26, b.last_voucher);
  put(resp, 32, b.last_fen);
  put(resp, 84, "898371000000001");
  put(resp, 99, "37100001");
  put(resp, 107, "000001");
  put(resp, 113, "1121");
  put(resp, 117, "120000");
  put(resp, 123, b.last_reference);
  put(resp, 135, "A12345");
  put(resp, 141, "1121");
}

static void book(const char *type, const char *req) {
  b.voucher++;
  b.reference++;
  memcpy(b.last_type, type, 2);
  memcpy(b.last_fen, req + 18, 12);
  snprintf(b.last_voucher, 7, "%06d", b.voucher % 1000000);
  snprintf(b.last_reference, 13, "%012d", b.reference + 500);
}

static long amount(const char *req) {
  char fen[13] = "";
  memcpy(fen, req + 18, 12);
  return atol(fen);
}

static int is_void(const char *voucher) {
  for (int i = 0; i < b.voids; i++)
    if (!memcmp(b.voided[i], voucher, 6)) return 1;
  return 0;
}

static void hang(void) {
  signal(SIGTERM, SIG_IGN);
  signal(SIGALRM, SIG_IGN);
  for (;;) pause();
}

int bankall(char *req, char *resp) {
  char type[3] = "";
  memcpy(type, req + 16, 2);
  load();
  if (mood("chatty")) { for (int i = 0; i < 100000; i++) printf("A licence will end soon\n"); fflush(stdout); }
  memset(resp, ' ', 148);
  memcpy(resp + 145, req + 56, 3);
  if (mood("echo")) memcpy(resp + 145, req[56] == '9' ? "000" : "999", 3);
  if (!strcmp(type, "05")) {
    if (mood("keys")) { answer(resp, "A0", ""); return 0; }
    b.signed_in++;
    save();
    answer(resp, "00", "\xc7\xa9\xb5\xbd\xb3\xc9\xb9\xa6");
    return 0;
  }
  if (!strcmp(type, "04")) {
    if (mood("hang-all")) hang();
    if (!b.voucher) { answer(resp, "X1", ""); return 0; }
    answer(resp, "00", "");
    last(resp);
    return 0;
  }
  if (!strcmp(type, "00") || !strcmp(type, "21")) {
    if (mood("decline")) { answer(resp, "51", "\xd3\xe0\xb6\xee\xb2\xbb\xd7\xe3"); return 0; }
    if (mood("crash-before")) raise(SIGSEGV);
    if (mood("hang-before")) hang();
    book(type, req);
    if (mood("less")) memcpy(b.last_fen, "000000000001", 12);
    *(type[0] == '2' ? &b.held : &b.charged) += atol(b.last_fen);
    save();
    if (mood("crash-after")) raise(SIGSEGV);
    if (mood("hang-after") || mood("hang-all")) hang();
    if (mood("exit")) exit(0);
    answer(resp, "00", "\xbd\xbb\xd2\xd7\xb3\xc9\xb9\xa6");
    last(resp);
    if (mood("short")) memset(resp + 100, 0, 48);
    if (mood("bytes")) memset(resp + 123, 0xff, 12);
    if (mood("fork") && fork() == 0) for (;;) pause();
    return mood("returns") ? -7 : 0;
  }
  if (!strcmp(type, "01") || !strcmp(type, "25")) {
    if (mood("void-refused")) { answer(resp, "25", ""); return 0; }
    if (is_void(req + 50)) { answer(resp, "Y1", ""); return 0; }
    memcpy(b.voided[b.voids++ % 64], req + 50, 6);
    *(type[0] == '2' ? &b.held : &b.charged) -= amount(req);
    book(type, req);
    save();
    if (mood("void-hang")) hang();
    answer(resp, "00", "");
    last(resp);
    return 0;
  }
  if (!strcmp(type, "23")) {
    b.held = 0;
    b.charged += amount(req);
    book(type, req);
    save();
    answer(resp, "00", "");
    last(resp);
    return 0;
  }
  if (!strcmp(type, "26") || !strcmp(type, "02")) {
    b.charged -= amount(req);
    book(type, req);
    save();
    answer(resp, "00", "");
    last(resp);
    return 0;
  }
  if (!strcmp(type, "06")) {
    char total[13];
    snprintf(total, 13, "%012ld", b.charged);
    answer(resp, "00", "");
    put(resp, 32, total);
    return 0;
  }
  answer(resp, "12", "");
  return 0;
}

int other_name(char *req, char *resp) { return bankall(req, resp); }
