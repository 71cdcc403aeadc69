/* Sending without blocking. */
#include "daemon/socket/outbox.h"

#include "daemon/base/sys.h"

#include <errno.h>

void
outbox_init (struct outbox *outbox, int fd)
{
    *outbox = (struct outbox){ .fd = fd, .text = g_string_new (NULL) };
}

void
outbox_done (struct outbox *outbox)
{
    g_string_free (outbox->text, TRUE);
    outbox->text = NULL;
}

enum outbox_result
outbox_send (struct outbox *outbox)
{
    while (outbox->n_sent < outbox->text->len) {
        const ssize_t n =
            sys_send (outbox->fd, outbox->text->str + outbox->n_sent, outbox_waiting (outbox));
        if (n < 0 && (errno == EAGAIN || errno == ENOBUFS))
            return OUTBOX_FULL;
        if (n <= 0)
            return OUTBOX_GONE;
        outbox->n_sent += (size_t)n;
    }
    g_string_truncate (outbox->text, 0);
    outbox->n_sent = 0;
    return OUTBOX_EMPTY;
}

size_t
outbox_waiting (const struct outbox *outbox)
{
    return outbox->text->len - outbox->n_sent;
}
