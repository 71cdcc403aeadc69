/* Where the mails of an mbox file are. Fed with the file's bytes in pieces of any size; keeps the
 * head of a line and the list of mails, whatever the size of the file.
 *
 * Reads all four kinds (mboxo, mboxrd, mboxcl, mboxcl2): a From_ line after an empty line begins a
 * mail, unless it lies within the Content-Length of the mail before and that ends where another
 * From_ line, or the file's end, proves it right.
 */
#ifndef CLI_MBOX_H
#define CLI_MBOX_H

#include <dsn/bytes.h>

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* A mail's bytes, without the From_ line before and the empty line behind it. */
struct mbox_mail {
    uint64_t start, end;
    bool is_counted; /* by Content-Length: its From_ lines aren't quoted */
};

struct mbox_scanner {
    uint64_t line_start; /* offset of the line that is being read */
    uint64_t offset;     /* of the next byte to come */
    char head[256];      /* its first bytes */
    size_t n_head;
    bool is_after_blank;  /* a From_ line may come: at the start, or after an empty line */
    uint64_t blank_start; /* offset of that empty line */
    bool is_in_header;
    int64_t content_length; /* of the mail whose header is being read, -1: none */
    uint64_t body_end;      /* where Content-Length says that the mail ends, 0: it doesn't */
    unsigned n_at_body;     /* mails up to that one */
    GArray *mails;          /* owned: struct mbox_mail */
};

void mbox_scanner_init (struct mbox_scanner *s);
void mbox_scanner_clear (struct mbox_scanner *s);

void mbox_scanner_feed (struct mbox_scanner *s, struct dsn_bytes piece);

/* Ends the file. The mails are in s->mails; none if the file isn't an mbox, that is, doesn't begin
 * with a From_ line. */
void mbox_scanner_finish (struct mbox_scanner *s);

/* Whether @line separates mails: "From ", a sender, and a date as of asctime(3). A line of text
 * that merely begins with "From " doesn't. */
bool mbox_is_from_line (struct dsn_bytes line);

/* Takes the quotes off the From_ lines of @n bytes of @mail, in place: one ">" of each line that
 * has some and then "From ". That's what mboxrd writers have added, and mboxo ones but for lines
 * that had a ">" before. Returns the new number of bytes. */
size_t mbox_unquote (char *mail, size_t n);

#endif
