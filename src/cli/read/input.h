/* The mails that the arguments of `dsnctl parse` name, in order: files, directories with all that
 * is below them, mbox files, and "-" for standard input.
 */
#ifndef CLI_INPUT_H
#define CLI_INPUT_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct input; /* the list */

struct input_mail {
    const char *path;    /* (borrowed from the list) as walked */
    int fd;              /* (borrowed) of a file that can't be opened again; -1: open the path */
    unsigned number;     /* of the mail in its mbox, from 1; 0: the file is one mail */
    uint64_t start, end; /* of an mbox's mail: its bytes in the file */
    bool is_quoted;      /* its From_ lines are: input_read() takes the quotes off */
};

struct input *input_new (void);
void input_free (struct input *in);

/* Adds what @argument names. A file that begins with a From_ line and holds several is an mbox. A
 * directory stands for all files below it, mboxes too, but one called *.eml or by a number is one
 * mail; of a Maildir, which has "cur" and "new", for the mails there and in its folders. What can't
 * be read is complained of and left out: false then. */
bool input_add (struct input *in, const char *argument);

size_t input_count (const struct input *in);

/* Mail @i of the list. */
struct input_mail input_get (const struct input *in, size_t i);

/* What the event calls it: the path, and "#" and the number for an mbox's mail.
 * (transfer full): g_free() */
char *input_name (const struct input_mail *mail);

/* Reads at most @max_bytes of the mail into *@ret_bytes, (transfer full), and its whole size.
 * False if the file can't be read, errno tells why. */
bool input_read (const struct input_mail *mail, size_t max_bytes, char **ret_bytes, size_t *ret_n,
                 size_t *ret_total);

#endif
