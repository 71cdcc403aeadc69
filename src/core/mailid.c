/* The id of a mail. A cryptographic hash, so that nobody can make a mail whose id is another one's:
 * a consumer that drops ids it knows would lose the other.
 */
#include "blake2b.h"

#include <dsnd/event.h>

#define ID_BYTES 16

char *
dsn_mail_id (struct dsn_bytes mail, size_t total_bytes)
{
    static const char hex[] = "0123456789abcdef";
    const uint64_t size = GUINT64_TO_LE ((uint64_t)total_bytes);
    char *id = g_malloc (ID_BYTES * 2 + 1);
    uint8_t digest[BLAKE2B_BYTES];
    struct blake2b b;

    blake2b_init (&b);
    blake2b_update (&b, mail);
    blake2b_update (&b, (struct dsn_bytes){ (const char *)&size, sizeof size });
    blake2b_finish (&b, digest);
    for (size_t i = 0; i < ID_BYTES; i++) {
        id[2 * i] = hex[digest[i] >> 4];
        id[2 * i + 1] = hex[digest[i] & 15];
    }
    id[ID_BYTES * 2] = '\0';
    return id;
}
