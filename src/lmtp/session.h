/* One LMTP conversation (RFC 2033), the server's side: bytes in, replies and mails out. It knows
 * neither sockets nor files. Extensions: PIPELINING, ENHANCEDSTATUSCODES, 8BITMIME, SMTPUTF8, SIZE.
 */
#ifndef LMTP_SESSION_H
#define LMTP_SESSION_H

#include <dsn/bytes.h>

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define SESSION_RECIPIENTS_MAX 50

/* What becomes of a mail. Each returns false with errno where it can't be had for now. */
struct session_handler {
    /* A mail to @recipients (strings, decoded from nothing: as in RCPT) begins. */
    bool (*begin) (void *data, const char *sender, const GPtrArray *recipients);
    /* More of it, lines ended by LF. */
    bool (*write) (void *data, struct dsn_bytes text);
    /* It's whole: makes the copy for recipient @i safe. */
    bool (*commit) (void *data, unsigned i);
    /* What isn't committed is dropped; comes after each begin. */
    void (*end) (void *data);
};

struct session;

/* @host is our name, @max_bytes the largest mail. (transfer full): session_free() */
struct session *session_new (const char *host, uint64_t max_bytes,
                             const struct session_handler *handler, void *data);
void session_free (struct session *s);

/* Appends the first reply, or takes @in from the client and appends what is to be answered. False:
 * the conversation ends when @out is sent. */
void session_greet (struct session *s, GString *out);
bool session_take (struct session *s, struct dsn_bytes in, GString *out);

#endif
