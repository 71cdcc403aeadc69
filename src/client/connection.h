/* A connection to dsnd's socket: words go out, JSON lines come in (docs/protocol.md). */
#ifndef CLI_CLIENT_H
#define CLI_CLIENT_H

#include <dsn/bytes.h>

#include <jansson.h>
#include <stdbool.h>

#define CLIENT_SOCKET "/run/dsnd/events.sock"

struct client;

/* Connects to the socket @path and reads the greeting. (transfer full): client_free(). NULL if
 * there's nobody, or somebody else: *@ret_error says why, (transfer full), for people. */
struct client *client_open (const char *path, char **ret_error);
void client_free (struct client *c);

/* What the server said first. (borrowed) */
const json_t *client_greeting (const struct client *c);

/* Sends the command @words and a line feed. False if the connection is gone. */
bool client_send (struct client *c, const char *words);

/* The next line, without its line feed, in *@ret_line, (borrowed until the next call). Waits for
 * it. False at the end of the connection. */
bool client_read (struct client *c, struct dsn_bytes *ret_line);

/* Whether client_read() would return a line at once. */
bool client_has_line (const struct client *c);

/* The descriptor, to wait for input with others; and reading what has come, once, which waits only
 * if nothing has. False at the end of the connection, or if a line is longer than dsnd's can be. */
int client_fd (const struct client *c);
bool client_fill (struct client *c);

/* Sends @words and returns the first answer that isn't an event. (transfer full): json_decref().
 * NULL if there's none, or it's an error: *@ret_error says so, (transfer full). */
json_t *client_ask (struct client *c, const char *words, char **ret_error);

/* Whether @line is an event, and not an answer of the server. */
bool client_is_event (struct dsn_bytes line);

#endif
