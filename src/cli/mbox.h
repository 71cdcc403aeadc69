/* Where the mails of an mbox file are. Fed with the file's bytes in pieces of any size; keeps the
 * head of a line and the list of mails, whatever the size of the file.
 */
#ifndef CLI_MBOX_H
#define CLI_MBOX_H

#include <dsnd/bytes.h>

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* A mail's bytes, without the From_ line before it. */
struct mbox_mail {
    uint64_t start, end;
};

struct mbox_scanner {
    uint64_t line_start; /* offset of the line that is being read */
    uint64_t offset;     /* of the next byte to come */
    char head[256];      /* its first bytes */
    size_t n_head;
    bool is_after_blank; /* a From_ line may come: at the start, or after an empty line */
    GArray *mails;       /* owned: struct mbox_mail */
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

#endif
