/* All of libdsn: bounce mails in, events out. libdsn(3) has an example, docs/library.md the rules
 * by which this library grows.
 *
 * Every type but struct dsn_bytes is opaque, and what a mail says is asked for by the key that
 * docs/events.md has for it: a new key or word of an event needs no new program.
 */
#ifndef DSN_DSN_H
#define DSN_DSN_H

#include <dsn/bytes.h>
#include <dsn/events.h>
#include <dsn/keys.h>
#include <dsn/library.h>
#include <dsn/reader.h>
#include <dsn/settings.h>

#endif
